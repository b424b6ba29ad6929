"""Settlements over the API: proposed, approved or withdrawn, and the shares as files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dure.calls.models import Call
from dure.calls.shares.gains import record_gain
from dure.calls.shares.limits import set_limit
from dure.calls.shares.models import Settlement, SettlementShare
from dure.calls.shares.posting import post_settlement
from dure.ledger.money import Money
from dure.people.models import Contributor
from tests.calls.test_settling import SHARE, YEAR, answered_call
from tests.doors.api.asking import Organiser, body_of
from tests.factories import make_call

NAMES = ["worker", "counted", "checked", "base_minor", "value_minor", "sum_minor"]


def gaining_call(won: int = 1_000_000) -> Call:
    call = answered_call(promise=SHARE, people="rrg")
    record_gain(call=call, money=Money(won, "KRW"), period=YEAR, note="", by="account:1",
                request_key="a")  # fmt: skip
    return call


def propose(organiser: Organiser, call: Call, **body: Any) -> dict[str, Any]:
    reply = organiser.post(f"/calls/{call.pk}/settlements", body or {"note": ""})
    assert reply.status_code == 201, reply.content
    return dict(reply.json())


def test_a_proposal_is_previewed_approved_and_in_the_ledger(live_db: str) -> None:
    call = gaining_call()
    organiser = Organiser(call.organisation)

    made = propose(organiser, call, note="First")
    again = propose(organiser, call, note="First")
    approved = organiser.post(f"/calls/{call.pk}/settlements/1/approve").json()
    post_settlement(Settlement.objects.get().pk)
    posted = organiser.get(f"/calls/{call.pk}/settlements/1").json()

    assert made == again
    assert (made["number"], made["state"], made["needs_second"]) == (1, "proposed", False)
    assert (made["pot_minor"], made["people"]) == (200_000, 3)
    assert len(made["largest"]) == 3
    total = sum(one["sum_minor"] for one in made["largest"])
    assert total == made["base_minor"] + made["value_minor"]
    assert (approved["state"], posted["state"]) == ("approved", "posted")
    assert organiser.post(f"/calls/{call.pk}/settlements/1/approve").json() == posted
    listed = organiser.get(f"/calls/{call.pk}/settlements").json()
    del posted["largest"]
    assert listed == {"settlements": [posted], "next": None}
    withdrawn = organiser.post(f"/calls/{call.pk}/settlements/1/withdraw")
    assert withdrawn.status_code == 409


def test_a_token_is_no_second_member(live_db: str) -> None:
    call = gaining_call()
    organiser, other = Organiser(call.organisation), Organiser(call.organisation)
    set_limit(organisation=call.organisation, limit=Money(100, "KRW"), by="account:1")
    made = propose(organiser, call)

    replies = [one.post(f"/calls/{call.pk}/settlements/1/approve") for one in (organiser, other)]

    assert made["needs_second"]
    for reply in replies:
        assert (reply.status_code, reply.json()["code"]) == (409, "needs-second")
        assert reply.json()["detail"] == (
            "So much needs the yes of a second member, and a token is none; approve it at the desk."
        )
    assert Settlement.objects.get().approved_at is None


def test_a_withdrawn_proposal_gives_way_to_the_next_page_by_page(live_db: str) -> None:
    call = gaining_call()
    organiser = Organiser(call.organisation)
    propose(organiser, call)

    states = [
        organiser.post(f"/calls/{call.pk}/settlements/1/withdraw").json()["state"] for _ in range(2)
    ]
    propose(organiser, call)

    assert states == ["withdrawn"] * 2
    first = organiser.get(f"/calls/{call.pk}/settlements?limit=1").json()
    second = organiser.get(f"/calls/{call.pk}/settlements?limit=1&cursor={first['next']}").json()
    numbers = [one["number"] for page in (first, second) for one in page["settlements"]]
    assert (numbers, second["next"]) == ([2, 1], None)
    approve = organiser.post(f"/calls/{call.pk}/settlements/1/approve")
    assert (approve.status_code, approve.json()["code"]) == (409, "stale-settlement")


@pytest.mark.django_db
def test_what_can_not_be_settled_is_a_conflict() -> None:
    plain = make_call(promise={"kind": "nothing"})
    call = make_call(organisation=plain.organisation, promise=SHARE)
    organiser = Organiser(plain.organisation)
    asked = [
        (plain, {}, "nothing-promised"),
        (call, {}, "nothing-to-share"),
        (call, {"is_last": True}, "not-last"),
    ]

    for one, body, code in asked:
        reply = organiser.post(f"/calls/{one.pk}/settlements", {"note": "", **body})
        assert (reply.status_code, reply.json()["code"]) == (409, code)
    for path in ("/settlements/1", "/settlements/1/shares"):
        reply = organiser.get(f"/calls/{call.pk}{path}")
        assert (reply.status_code, reply.json()["code"]) == (404, "unknown-settlement")
    assert organiser.get(f"/calls/{call.pk}/settlements/0").status_code == 422
    assert organiser.get(f"/calls/{call.pk}/settlements/{10**12}").status_code == 422


@pytest.mark.parametrize("path", ["settlements/1/shares", "shares"])
def test_shares_are_the_same_in_every_format(live_db: str, tmp_path: Path, path: str) -> None:
    call = gaining_call()
    organiser = Organiser(call.organisation)
    propose(organiser, call)
    organiser.post(f"/calls/{call.pk}/settlements/1/approve")
    settlement = Settlement.objects.get()
    empty = json.loads(body_of(organiser.get(f"/calls/{call.pk}/shares")))
    post_settlement(settlement.pk)
    bodies = {
        form: body_of(organiser.get(f"/calls/{call.pk}/{path}?format={form}"))
        for form in ("csv", "jsonl", "json", "parquet")
    }

    file = tmp_path / "shares.parquet"
    file.write_bytes(bodies["parquet"])
    with duckdb.connect() as reader:
        rows = reader.execute("from read_parquet(?)", [str(file)]).fetchall()
    document = json.loads(bodies["json"])
    lines = [json.loads(line) for line in bodies["jsonl"].splitlines()]
    table = list(csv.reader(io.StringIO(bodies["csv"].decode())))

    assert empty == {"currency": "KRW", "shares": []}
    assert document.pop("shares") == lines
    assert document["currency"] == "KRW"
    assert [list(line) for line in lines] == [NAMES] * 3
    assert rows == [tuple(line.values()) for line in lines]
    assert table == [NAMES, *([str(value) for value in line.values()] for line in lines)]
    names = {one.id: one.pseudonym for one in Contributor.objects.filter(call_id=call.pk)}
    stored = SettlementShare.objects.order_by("contributor_id")
    assert [(line["worker"], line["sum_minor"]) for line in lines] == [
        (names[one.contributor_id], one.base_minor + one.value_minor) for one in stored
    ]
