from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import orjson
import pytest

from dure import truth
from dure.calls.tasks.fitting.kinds import fit
from dure.calls.tasks.fitting.parts import Counted
from dure.calls.tasks.questions import NUMBER_MAX
from dure.calls.tasks.summaries import summarise
from dure.truth.validate import VALUE_MAX

QUESTION = {"type": "number", "text": "How many?", "min": None, "max": None}
COUNTED = Counted(
    tasks=["b", "b", "b", "a", "a", "a", "c"],
    workers=["v", "w", "u", "v", "w", "u", "v"],
    values=[4, 5.0, 9, 1, 2, 2.5, 7],
    gold={"a": 2.0, "absent": 1.0},
)


def test_verdicts_are_the_engine_s_with_known_values_as_they_are():
    result = fit(question=QUESTION, counted=COUNTED)

    assert result.tasks == ["a", "b", "c"]
    assert (result.estimates[0], result.lows[0], result.highs[0]) == (2.0, 2.0, 2.0)
    assert result.lows[1] < result.estimates[1] < result.highs[1]
    assert result.answers == [3, 3, 1]
    assert (result.method, result.version, list(result.values)) == ("robust-mean", "2", [])


def test_bounds_of_the_question_hold():
    result = fit(question={**QUESTION, "min": 4, "max": 8}, counted=COUNTED)

    # What is known is kept as it is; the rest stays within.
    for task in (1, 2):
        assert 4 <= result.lows[task] <= result.estimates[task] <= result.highs[task] <= 8
    assert (result.lows[2], result.highs[2]) == (4, 8)


def test_without_two_answers_that_differ_nothing_bounds_the_interval():
    one = Counted(tasks=["a"], workers=["v"], values=[3], gold={})

    result = fit(question=QUESTION, counted=one)

    assert (result.estimates, result.lows, result.highs) == ([3.0], [None], [None])
    orjson.dumps(result.learned.shared)


def test_predictions_give_each_task_its_pivot():
    predictions = [None, 5.0, 6.0, 1.0, None, 3.0, None]

    result = fit(question=QUESTION, counted=replace(COUNTED, predictions=predictions))

    known, told, untold = result.values
    assert (known, untold) == (None, None)
    assert told["is_used"] is False
    # Answers lie above what is predicted, so the pivot is further up.
    assert told["pivot"] > result.estimates[1]


def test_order_of_answers_changes_nothing():
    order = [3, 0, 6, 5, 1, 4, 2]
    shuffled = replace(
        COUNTED,
        tasks=[COUNTED.tasks[at] for at in order],
        workers=[COUNTED.workers[at] for at in order],
        values=[COUNTED.values[at] for at in order],
    )

    first, second = (fit(question=QUESTION, counted=one) for one in (COUNTED, shuffled))

    assert first.digest() == second.digest()


def test_what_is_kept_explains_a_verdict_without_a_fit():
    result = fit(question=QUESTION, counted=COUNTED)
    learned = result.learned

    shared = orjson.loads(orjson.dumps(learned.shared))
    habits = dict(zip(learned.workers, learned.concentrations, strict=True))
    told = truth.explain_number_answers(
        truth.crowd_from_json(shared),
        np.array([habits[worker] for worker in ("v", "w", "u")]),
        np.array([4.0, 5.0, 9.0]),
    )

    assert (shared["kind"], shared["scale"]) == ("number", "plain")
    assert told.estimate == pytest.approx(result.estimates[1], rel=1e-12)


def test_number_out_of_reach_does_not_stop_the_others():
    far = replace(
        COUNTED,
        tasks=[*COUNTED.tasks, "d"],
        workers=[*COUNTED.workers, "w"],
        values=[*COUNTED.values, -1.7e308],
        gold={"d": 1e308},
        predictions=[1e308, *[None] * 7],
    )

    result = fit(question=QUESTION, counted=far)

    assert NUMBER_MAX == VALUE_MAX
    assert result.tasks == ["a", "b", "c", "d"]
    assert 1 <= result.estimates[0] <= 3
    assert result.estimates[3] == NUMBER_MAX


@pytest.mark.parametrize(
    ("numbers", "counts"),
    [([1e150] * 2, [2]), ([1e17, 1e17 + 16], [2]), ([5, 5], [2]), ([1, 2, 9], [2, 0, 1])],
)
def test_numbers_too_close_for_doubles_to_part_are_spread_over_one_bar(numbers, counts):
    counted = Counted([f"t{n}" for n in range(len(numbers))], ["w"] * len(numbers), numbers, {})

    spread = summarise(QUESTION, fit(question=QUESTION, counted=counted), counted)["spread"]

    assert spread["counts"] == counts
    assert len(spread["edges"]) == len(counts) + 1
    assert all(one < other for one, other in itertools.pairwise(spread["edges"]))
