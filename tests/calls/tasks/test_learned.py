"""What a fit learned is kept to the last digit, a row for each contributor who counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.db import transaction

from dure.calls.models import Call
from dure.calls.tasks import answers, learned
from dure.calls.tasks.learned import Learned, learn, put_habits, recall
from dure.calls.tasks.models import WorkerHabits
from dure.clock import now
from dure.people.models import Contributor
from dure.truth.types import Floats, Habits
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")


def make_habits(concentration: Floats, newcomer: Floats) -> Habits:
    return Habits(
        concentration=concentration,
        newcomer=newcomer,
        prevalence=np.array([1 / 3, 2 / 3]),
        n_labels=2,
        correlation=0.1,
        sharpness=1.7,
        vote_weight=0.1,
        vote_smoothing=0.5,
    )


def make_workers(call: Call, *, n: int) -> list[str]:
    for _ in range(n):
        answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=answers.new_key()))
    found = Contributor.objects.filter(call_id=call.pk).values_list("pseudonym", flat=True)
    return sorted(found)


def put(call: Call, kept: Learned, *, run_id: int) -> dict[str, list[float]]:
    """Put them in the call's table; gives the table by pseudonym."""
    with transaction.atomic():
        put_habits(call_id=call.pk, run_id=run_id, as_of=now(), learned=kept)
    names = dict(Contributor.objects.values_list("id", "pseudonym"))
    rows = WorkerHabits.objects.filter(call_id=call.pk, run_id=run_id)
    return {names[one.contributor_id]: one.concentration for one in rows}


@pytest.mark.parametrize("shape", [(2, 2), (2, 4), (2,)])
def test_habits_come_back_to_the_last_digit(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two workers at a time, so that there are several parts and one is short.
    monkeypatch.setattr(learned, "CELLS_AT_ONCE", 2 * int(np.prod(shape)))
    call = make_call()
    workers = make_workers(call, n=5)
    chance = np.random.default_rng(5)
    habits = make_habits(chance.gamma(0.1, size=(5, *shape)), chance.random(shape))

    kept = learn(habits, workers=workers)
    rows = put(call, kept, run_id=1)
    found = recall(kept.shared, [rows[one] for one in workers])

    for name in ("concentration", "newcomer", "prevalence"):
        np.testing.assert_array_equal(getattr(found, name), getattr(habits, name))
    empty = {name: np.empty(0) for name in ("concentration", "newcomer", "prevalence")}
    assert str(replace(found, **empty)) == str(replace(habits, **empty))


def test_next_run_takes_the_place_of_the_last_one_of_its_call_alone() -> None:
    call, other = make_call(), make_call()
    workers, others = make_workers(call, n=3), make_workers(other, n=1)
    put(other, Learned({}, others, np.array([[9.0]])), run_id=1)
    put(call, Learned({}, workers, np.array([[1.0], [2.0], [3.0]])), run_id=2)

    rows = put(call, Learned({}, workers[1:], np.array([[4.0], [5.0]])), run_id=3)

    assert rows == {workers[1]: [4.0], workers[2]: [5.0]}
    assert sorted(WorkerHabits.objects.values_list("call_id", "run_id")) == sorted(
        [(other.pk, 1), (call.pk, 3), (call.pk, 3)]
    )


def test_run_that_learned_nothing_leaves_no_workers() -> None:
    call = make_call()
    put(call, Learned({}, make_workers(call, n=1), np.array([[1.0]])), run_id=1)

    put(call, learn(None, workers=[]), run_id=2)

    assert not WorkerHabits.objects.exists()


def test_what_is_too_large_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    habits = make_habits(np.ones((3, 2, 2)), np.ones((2, 2)))
    monkeypatch.setattr(learned, "NEWCOMER_CELLS_MAX", 3)

    kept = learn(habits, workers=["a", "b", "c"])
    monkeypatch.setattr(learned, "CELLS_MAX", 11)
    too_many = learn(habits, workers=["a", "b", "c"])

    assert kept.shared["newcomer"] is None
    assert recall(kept.shared, [[1.0] * 4]).newcomer.shape == (2, 2)
    assert (too_many.shared, too_many.workers) == ({}, ())
