"""Who is owed what: over calls, after merges, less what is on its way, and how they stand."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls.dues import Due, Standing, calls_in, dues_of, owner_of, sum_up
from dure.ledger.payouts.batches import Line, make_batch
from dure.ledger.payouts.rules import set_threshold
from dure.people.models import Person, PersonMerge
from tests.calls.earning import earn
from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.django_db


def told(dues: list[Due]) -> list[tuple[str, int, str, list[int]]]:
    return [
        (one.currency, one.amount_minor, one.standing.value,
         [source.amount_minor for source in one.sources])
        for one in dues
    ]  # fmt: skip


def test_person_is_owed_the_sum_over_the_organisations_calls() -> None:
    organisation = make_organisation()
    first, second = make_call(organisation=organisation), make_call(organisation=organisation)
    one = earn(first, 300, says_how=True).person
    earn(second, 200, person=one)
    earn(second, 7, person=one, currency="EUR")
    earn(make_call(), 1_000, person=one)
    earn(first, 50)

    assert sorted(told(dues_of(organisation))) == [
        ("EUR", 7, "ready", [7]), ("KRW", 50, "no_details", [50]),
        ("KRW", 500, "ready", [300, 200]),
    ]  # fmt: skip
    assert told(dues_of(organisation, currency="EUR")) == [("EUR", 7, "ready", [7])]


def test_merged_persons_are_one_and_paid_as_the_newest_said() -> None:
    organisation = make_organisation()
    call = make_call(organisation=organisation)
    root = Person.objects.create()
    for person in (root, earn(call, 10, says_how=True).person):
        earn(call, 100, person=person)
        if person != root:
            PersonMerge.objects.create(person=person, into=root)

    (due,) = dues_of(organisation)

    assert (due.person_id, due.amount_minor, due.standing) == (root.pk, 210, Standing.READY)


def test_what_one_call_gave_too_much_counts_against_the_others() -> None:
    organisation = make_organisation()
    first, second = make_call(organisation=organisation), make_call(organisation=organisation)
    one = earn(first, -30).person
    earn(second, 100, person=one)
    two = earn(first, -30).person
    earn(second, 30, person=two)

    assert told(dues_of(organisation)) == [("KRW", 70, "no_details", [70])]


def test_threshold_keeps_small_sums_waiting_and_what_is_on_its_way_is_counted_apart() -> None:
    organisation = make_organisation()
    call = make_call(organisation=organisation)
    set_threshold(owner=owner_of(organisation), currency="KRW", threshold_minor=100)
    earn(call, 99, says_how=True)
    gone = earn(call, 500, says_how=True)
    earn(call, 100, says_how=True)
    due = next(one for one in dues_of(organisation) if one.amount_minor == 500)
    line = Line("person:x", {}, due.sources)
    make_batch(owner=owner_of(organisation), currency="KRW", lines=[line], by="a", request_key="k")
    # Earned since: it waits until what is on its way has arrived.
    earn(call, 300, person=gone.person)

    (waiting,) = sum_up(organisation)

    assert waiting.n == {"ready": 1, "below": 1, "no_details": 0}
    assert waiting.amount_minor == {"ready": 100, "below": 99, "no_details": 0}
    assert waiting.on_its_way_minor == 500


def test_queries_do_not_grow_with_people(django_assert_num_queries: Any) -> None:
    organisation = make_organisation()
    call = make_call(organisation=organisation)
    for _ in range(12):
        earn(call, 10, says_how=True)

    with django_assert_num_queries(5):
        assert sum_up(organisation)[0].n[Standing.READY] == 12


def test_calls_are_read_from_names() -> None:
    assert calls_in(["call:12", "call:3", "call:12"]) == [3, 12]
