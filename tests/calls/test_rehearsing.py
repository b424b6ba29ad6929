"""A simulated crowd answers demo calls alone, by the same functions as people, and says so."""

from __future__ import annotations

import random
from typing import Any

import pytest

from dure.calls import rehearsing
from dure.calls.rehearsing import NotADemo
from dure.calls.tasks.models import Answer, Task
from dure.people.models import Contributor
from tests.doors.phone.site import CONTENTS, QUESTIONS
from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.usefixtures("live_db")


@pytest.mark.parametrize("name", QUESTIONS)
def test_crowd_gives_answers_that_fit_each_type(name: str) -> None:
    call = make_call(question=QUESTIONS[name], organisation=make_organisation("demo"), n_tasks=8)
    content: dict[str, Any] = CONTENTS.get(name, {"text": "x"})
    Task.objects.filter(call=call).update(content=content)

    turns = [rehearsing.take_turn(call_id=call.pk, chance=random.Random(seed)) for seed in range(5)]

    assert sum(turn.given for turn in turns) == Answer.objects.count() > 5
    assert set(Contributor.objects.values_list("source", flat=True)) == {"simulated"}


def test_only_the_demos_open_calls_are_rehearsed() -> None:
    real = make_call()
    closed = make_call(organisation=make_organisation("demo"), state="closed")

    for call in (real, closed):
        assert not rehearsing.may_rehearse(call)
        with pytest.raises(NotADemo):
            rehearsing.start_rehearsal(call=call, by="x")


def test_rehearsal_is_switched_on_and_off() -> None:
    call = make_call(organisation=make_organisation("demo"))

    rehearsing.start_rehearsal(call=call, by="x")
    rehearsing.start_rehearsal(call=call, by="x")
    assert rehearsing.find_rehearsal(call) is not None
    rehearsing.stop_rehearsal(call=call, by="x")

    assert rehearsing.find_rehearsal(call) is None


def test_crowd_goes_home_when_nothing_is_left_or_the_call_is_paused() -> None:
    demo = make_organisation("demo")
    done = make_call(organisation=demo, n_tasks=0)
    paused = make_call(organisation=demo, state="paused")

    for call in (done, paused):
        assert rehearsing.take_turn(call_id=call.pk, chance=random.Random(1)).is_done
    assert Answer.objects.count() == 0
