"""The wizard's terms: how sure and from how many, what is promised, as typed words."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import override

from dure.calls.creating import change_draft
from dure.calls.models import Call
from dure.calls.tasks.models import Tally
from dure.doors.desk.forms import store
from dure.doors.desk.reckoning import reckon
from dure.doors.desk.terms import own_rule, read_terms, show_terms
from tests.doors.desk.browsing import send_untouched
from tests.doors.desk.office import make_office
from tests.doors.desk.test_promised import POOL, RATE, SHARE
from tests.factories import make_call

pytestmark = pytest.mark.django_db
TERMS = {"care": ["careful"], "visibility": ["sealed"], "promise": ["nothing"]}


@pytest.fixture
def call() -> Call:
    return make_call(n_tasks=0, state="draft")


@pytest.mark.parametrize(
    ("care", "rule"),
    [
        ("quick", {"min": 1, "max": 3, "target": 0.9}),
        ("careful", {"min": 3, "max": 5, "target": 0.95}),
        ("thorough", {"min": 5, "max": 9, "target": 0.99}),
    ],
)
def test_care_is_a_rule_for_answers(call: Call, care: str, rule: dict[str, Any]) -> None:
    assert read_terms({**TERMS, "care": [care], "exact": [""]}, call=call).fields["answers"] == rule


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("50", "KRW", 50), ("1,000", "KRW", 1000), ("0.05", "USD", 5), ("2.5", "EUR", 250)],
)
def test_money_is_read_in_whole_minor_units(
    call: Call, amount: str, currency: str, minor: int
) -> None:
    typed = {**TERMS, "promise": ["per_answer"], "amount": [amount], "currency": [currency]}

    assert read_terms(typed, call=call).fields["promise"] == {
        "kind": "per_answer", "amount_minor": minor, "currency": currency
    }  # fmt: skip


@pytest.mark.parametrize(("amount", "currency"), [("", "KRW"), ("-1", "KRW"), ("0.5", "KRW"),
                                                  ("0.005", "USD"), ("x", "USD")])  # fmt: skip
def test_money_that_is_none_is_asked_for_and_never_rounded(
    call: Call, amount: str, currency: str
) -> None:
    typed = {**TERMS, "promise": ["per_answer"], "amount": [amount], "currency": [currency]}

    assert list(read_terms(typed, call=call).advices) == ["amount"]


@pytest.mark.parametrize("kind", ["number", "rank", "box"])
def test_where_a_verdict_has_no_probability_the_number_of_people_is_fixed(kind: str) -> None:
    call = make_call(n_tasks=0, state="draft", question={"type": kind, "text": "?"})
    shown = show_terms(call)

    assert (shown["care"], shown["exact"], own_rule(call)) == (["exact"], ["5"], None)
    assert read_terms({**TERMS, "care": ["thorough"], "exact": ["7"]}, call=call).fields[
        "answers"
    ] == {"min": 7, "max": 7, "target": None}


def test_rule_that_no_care_stands_for_is_offered_as_it_is() -> None:
    call = make_call(n_tasks=0, state="draft", answers_min=3, answers_max=7, answers_target=0.9)

    with override("en"):
        assert own_rule(call) == {"least": 3, "most": 7, "sure": "90%"}
    assert read_terms({**show_terms(call), "care": ["quick"]}, call=call).fields["answers"] == {
        "min": 1, "max": 3, "target": 0.9
    }  # fmt: skip


def test_unknown_currency_is_refused_and_not_taken_for_another(call: Call) -> None:
    typed = {**TERMS, "promise": ["per_answer"], "amount": ["2"], "currency": ["shells"]}
    form = read_terms(typed, call=call)

    assert not store(form, partial(change_draft, call=call, by="x"))
    call.refresh_from_db()
    assert call.promise == {}


@pytest.mark.parametrize(
    ("promise", "cost", "share"),
    [
        ({"kind": "nothing"}, "", ""),
        (RATE, "$0.75", ""),
        (POOL, "$500.00", ""),
        (SHARE, "", "20%"),
        ({"kind": "several", "parts": [RATE, POOL, SHARE]}, "$500.75", "20%"),
    ],
)
def test_most_that_it_costs_is_told_for_answers_and_pool(
    promise: dict[str, Any], cost: str, share: str
) -> None:
    call = make_call(state="draft", promise=promise, answers_max=5, n_tasks=0)
    Tally.objects.create(call_id=call.pk, slot=0, tasks=3)

    with override("en"):
        reckoning = reckon(call)

    assert (reckoning.cost, reckoning.share) == (cost, share)


def test_page_with_a_promise_of_every_sort_sent_untouched_changes_nothing() -> None:
    odd = {"kind": "several", "parts": [
        RATE, {**POOL, "base_percent": 30}, {**SHARE, "base_percent": 70}
    ]}  # fmt: skip
    office = make_office(state="draft", promise=odd)
    path = reverse("desk-terms", args=[office.organisation.slug, office.call.pk])

    status = send_untouched(office.client("editor"), path, holding="percent", later="1")

    office.call.refresh_from_db()
    assert (status, office.call.promise) == (302, odd)
