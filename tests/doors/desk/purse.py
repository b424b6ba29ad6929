"""A call whose money moves: people who answered it, a gain, a proposal, a question."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from django.db import connection

from dure.calls.models import Call
from dure.calls.settling import propose_settlement
from dure.calls.shares.gains import Period, record_gain
from dure.calls.shares.inquiries import ask_why
from dure.calls.shares.models import Gain, Inquiry, Settlement
from dure.ledger.money import Money
from dure.people.models import Contributor
from tests.turns import lease, submit

SHARE = {
    "kind": "revenue_share", "percent": 20, "currency": "USD", "cap_minor": None,
    "until": "2199-12-31", "report_months": 3, "base_percent": 50,
}  # fmt: skip
POOL = {"kind": "pool", "amount_minor": 500_00, "currency": "USD", "base_percent": 50}
YEAR = Period(date(2026, 1, 1), date(2026, 6, 30))
GAINED = Money(1_000_00, "USD")


def take_part(call: Call, *keys: bytes) -> list[Contributor]:
    """Each key joins and answers all tasks of a call of yes or no, in the test's transaction."""
    with connection.cursor() as door:
        for key in keys:
            door.execute("select collect.join_call(%s, %s, %s)", [call.slug, key, key])
            leased = lease(door, call_id=call.pk, key=key, n=50)
            answers = [
                {"id": str(uuid4()), "task": task["id"], "value": "yes", "is_skip": False,
                 "phase": "first"}
                for task in leased["tasks"]
            ]  # fmt: skip
            submit(door, call_id=call.pk, key=key, answers=answers)
    return list(Contributor.objects.filter(call_id=call.pk).order_by("id"))


def gain(call: Call, *, key: str = "g", money: Money = GAINED) -> Gain:
    return record_gain(call=call, money=money, period=YEAR, note="", by="x", request_key=key)


def propose(call: Call, *, by: str = "account:0") -> Settlement:
    """By somebody else than whoever looks at it."""
    return propose_settlement(call=call, by=by)


def ask(call: Call, *, key: str = "q", text: str = "Why so little?") -> Inquiry:
    someone = Contributor.objects.filter(call_id=call.pk).earliest("id")
    return ask_why(call=call, contributor_id=someone.id, text=text, request_key=key)
