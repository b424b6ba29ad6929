"""What is promised, paid in and gained over the API: repeats, wrong input, states."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls.shares.models import Gain, PayIn
from dure.people.models import AuditEntry
from tests.calls.test_settling import POOL, SHARE
from tests.doors.api.asking import Organiser
from tests.factories import make_call

pytestmark = pytest.mark.django_db
GAIN = {
    "amount_minor": 1_000, "currency": "KRW", "period": {"from": "2026-01-01", "to": "2026-03-31"},
    "note": "Sales",
}  # fmt: skip
NOTHING_MOVED = {
    f"{name}_minor": 0
    for name in ("paid_in", "held", "gained", "shared", "paid_out", "waiting", "owed_not_paid_in")
}


def test_a_gain_is_recorded_once_for_a_key_and_each_time_without_one() -> None:
    call = make_call(promise=SHARE)
    organiser = Organiser(call.organisation)

    replies = [
        organiser.post(f"/calls/{call.pk}/gains", GAIN, **headers)
        for headers in ({"Idempotency-Key": "a"}, {"Idempotency-Key": "a"}, {}, {})
    ]

    assert [reply.status_code for reply in replies] == [201] * 4
    assert replies[0].json() == replies[1].json()
    assert Gain.objects.count() == 3
    made = replies[0].json()
    assert {name: made[name] for name in GAIN} == GAIN
    assert (made["evidence"], made["corrects"], made["by"][:6]) == ("", None, "token:")
    other = organiser.post(f"/calls/{call.pk}/gains", {**GAIN, "amount_minor": 7},
                           **{"Idempotency-Key": "a"})  # fmt: skip
    assert (other.status_code, other.json()["code"]) == (409, "key-reused")


def test_gains_are_listed_page_by_page_with_their_corrections() -> None:
    call = make_call(promise=SHARE)
    organiser = Organiser(call.organisation)
    ids = [organiser.post(f"/calls/{call.pk}/gains", GAIN).json()["id"] for _ in range(2)]
    body = {"amount_minor": 900, "note": "A refund"}
    mended = [
        organiser.post(f"/calls/{call.pk}/gains/{ids[0]}/correct", body, **{"Idempotency-Key": "b"})
        for _ in range(2)
    ]

    first = organiser.get(f"/calls/{call.pk}/gains?limit=2").json()
    second = organiser.get(f"/calls/{call.pk}/gains?limit=2&cursor={first['next']}").json()

    assert [one["id"] for one in first["gains"]] == ids
    [correction] = second["gains"]
    assert (correction["amount_minor"], correction["corrects"]) == (-100, ids[0])
    assert second["next"] is None
    assert [reply.json() for reply in mended] == [correction] * 2
    again = organiser.post(f"/calls/{call.pk}/gains/{correction['id']}/correct", body)
    assert (again.status_code, again.json()["code"]) == (404, "unknown-gain")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_minor": -1}, {"amount_minor": 1.5}, {"amount_minor": True}, {"amount_minor": "5"},
        {"amount_minor": 10**30}, {"currency": "krw"}, {"currency": "USD"}, {"period": {}},
        {"period": {"from": "2026-03-31", "to": "2026-01-01"}},
        {"period": {"from": "2026-02-30", "to": "2026-03-01"}},
        {"period": {"from": 0, "to": 1}}, {"period": {"from": "2026-01-01", "to": "2999-01-01"}},
        {"note": "n" * 1001}, {"note": "\0"}, {"evidence": 5}, {"more": 1},
    ],
)  # fmt: skip
def test_a_wrong_gain_is_refused_and_nothing_recorded(wrong: dict[str, Any]) -> None:
    call = make_call(promise=SHARE)
    organiser = Organiser(call.organisation)
    n_entries = AuditEntry.objects.count()

    reply = organiser.post(f"/calls/{call.pk}/gains", {**GAIN, **wrong})

    assert reply.status_code == 422
    assert not Gain.objects.exists()
    assert AuditEntry.objects.count() == n_entries


def test_money_that_came_in_is_recorded_listed_and_summed() -> None:
    call = make_call(promise=POOL)
    organiser = Organiser(call.organisation)
    body = {"amount_minor": 300, "currency": "KRW", "note": "First half"}
    for key in ("a", "a", "b"):
        made = organiser.post(f"/calls/{call.pk}/pay-ins", body, **{"Idempotency-Key": key})
        assert made.status_code == 201

    assert PayIn.objects.count() == 2
    page = organiser.get(f"/calls/{call.pk}/pay-ins?limit=1").json()
    assert [one["id"] for one in page["pay_ins"]] == [made.json()["id"]]
    rest = organiser.get(f"/calls/{call.pk}/pay-ins?cursor={page['next']}").json()
    assert (len(rest["pay_ins"]), rest["next"]) == (1, None)
    assert organiser.get(f"/calls/{call.pk}/money").json() == {
        **NOTHING_MOVED,
        "promise": POOL,
        "currency": "KRW",
        "pool_minor": POOL["amount_minor"],
        "paid_in_minor": 600,
        "held_minor": 600,
        "overdue_reports": [],
        "next_report": None,
        "is_settlement_overdue": False,
    }
    assert (
        organiser.post(f"/calls/{call.pk}/pay-ins", {**body, "amount_minor": 0}).status_code == 422
    )


def test_a_call_without_money_has_sums_of_nothing() -> None:
    call = make_call(promise={"kind": "nothing"})

    sums = Organiser(call.organisation, scope="read").get(f"/calls/{call.pk}/money").json()

    assert sums == {
        **NOTHING_MOVED,
        "promise": {"kind": "nothing"},
        "currency": None,
        "pool_minor": None,
        "overdue_reports": [],
        "next_report": None,
        "is_settlement_overdue": False,
    }


def test_a_promise_gets_better_and_never_worse() -> None:
    call = make_call(promise=SHARE)
    organiser = Organiser(call.organisation)

    better = organiser.post(f"/calls/{call.pk}/promise", {"promise": {**SHARE, "percent": 30}})
    worse = organiser.post(f"/calls/{call.pk}/promise", {"promise": SHARE})
    none = organiser.post(f"/calls/{call.pk}/promise", {})

    assert (better.status_code, better.json()["promise"]["percent"]) == (200, 30)
    assert (worse.status_code, worse.json()["code"]) == (409, "worse-promise")
    assert none.status_code == 422
    assert organiser.get(f"/calls/{call.pk}").json()["promise"]["percent"] == 30


def test_a_draft_takes_no_money() -> None:
    call = make_call(state="draft")
    organiser = Organiser(call.organisation)

    for path, body in (
        ("gains", GAIN), ("pay-ins", {"amount_minor": 1, "currency": "KRW"}),
        ("promise", {"promise": POOL}),
    ):  # fmt: skip
        assert organiser.post(f"/calls/{call.pk}/{path}", body).status_code == 409
