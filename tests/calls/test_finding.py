"""Calls are found by words, topic, language, kind of work and promise; drafts by nobody."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls import finding
from dure.calls.finding import Wish
from dure.calls.models import CallChange
from dure.clock import now
from dure.errors import Unknown
from tests.factories import HOW_MANY, make_call, make_organisation

pytestmark = pytest.mark.django_db
PAID = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}


@pytest.mark.parametrize(
    ("words", "state", "found"),
    [
        ("", "", ["cats", "birds"]),
        ("", "draft", ["cats"]),
        ("갈매기", "", ["birds"]),
        ('the "bold" gull', "open", ["birds"]),
        ("gull", "draft", []),
        ("%", "", []),
    ],
)
def test_own_calls_are_found_by_words_and_state(words: str, state: str, found: list[str]) -> None:
    harbour = make_organisation("harbour")
    titles: dict[str, Any] = {"en": 'The "bold" Gull', "ko": "갈매기"}
    make_call(n_tasks=0, organisation=harbour, slug="birds", title=titles)
    make_call(n_tasks=0, organisation=harbour, slug="cats", title="Cats", state="draft")
    make_call(n_tasks=0, slug="foreign", title="Cats and gulls")

    calls = finding.find_own_calls(harbour, words=words, state=state)

    assert [call.slug for call in calls] == found


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (Wish(), ["numbers", "birds"]),
        (Wish(words="gull"), ["birds"]),
        (Wish(words="갈매기"), ["birds"]),
        (Wish(words="HARBOUR gull"), ["birds"]),
        (Wish(words='say "hi"'), ["numbers"]),
        (Wish(words="%"), []),
        (Wish(topic="nature"), ["birds"]),
        (Wish(language="ko"), ["birds"]),
        (Wish(types=("number",)), ["numbers"]),
        (Wish(is_paid=True), ["numbers"]),
        (Wish(is_paid=False), ["birds"]),
        (Wish(words="gull", is_paid=True), []),
    ],
)
def test_open_calls_are_found_by_what_is_wished(wish: Wish, found: list[str]) -> None:
    harbour = make_organisation("harbour")
    titles: dict[str, Any] = {"en": "Gulls", "ko": "갈매기"}
    make_call(n_tasks=0, organisation=harbour, slug="birds", title=titles, topics=["nature"])
    make_call(n_tasks=0, slug="numbers", title="Count", brief='They say "hi"', question=HOW_MANY,
              promise=PAID)  # fmt: skip
    make_call(n_tasks=0, organisation=harbour, slug="hidden", title="Gulls", state="draft")
    make_call(n_tasks=0, slug="over", title="Gulls", state="closed")

    assert [call.slug for call in finding.find_open_calls(wish)] == found


def test_drafts_are_nobodys_business() -> None:
    organisation = make_organisation()
    for state in ("draft", "open", "closed"):
        make_call(n_tasks=0, organisation=organisation, slug=state, state=state)

    assert [call.slug for call in finding.public_calls(organisation)] == ["closed", "open"]
    with pytest.raises(Unknown):
        finding.find_public_call("draft")


def test_result_is_public_once_the_call_is_closed_or_revealed() -> None:
    sealed, closed = make_call(n_tasks=0), make_call(n_tasks=0, state="closed")
    revealed = make_call(n_tasks=0)
    CallChange.objects.create(call=revealed, step="reveal", at=now(), by="x")

    assert [finding.is_revealed(call) for call in (sealed, closed, revealed)] == [
        False, True, True
    ]  # fmt: skip


def test_what_is_revealed_is_found_for_many_calls_at_once(django_assert_num_queries: Any) -> None:
    calls = {state: make_call(n_tasks=0, state=state) for state in ("open", "paused", "closed")}
    CallChange.objects.create(call=calls["paused"], step="reveal", at=now(), by="account:1")
    last = [make_call(n_tasks=0, state="closed")]

    with django_assert_num_queries(1):
        found = finding.find_revealed([*calls.values(), *last])

    assert found == {calls["paused"].pk, calls["closed"].pk, last[0].pk}
    for call in [*calls.values(), *last]:
        assert finding.is_revealed(call) == (call.pk in found)
