from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from dure.truth import BadAnswers, Texts, explain_text_answers, explain_texts, infer_texts
from dure.truth.explain_texts import _company, _shares
from dure.truth.normal_text import normalise
from tests.truth.writing_crowds import write

ROUNDING = 1e-9


def test_weights_sum_to_the_verdict():
    texts = write(n_tasks=60, seed=4).coded.texts
    result = infer_texts(texts)

    rivals = set()
    for task in range(60):
        explained = explain_texts(result, texts, task=task)

        chance = result.probability_of_cluster[result.task_of_cluster == task]
        best = chance.argmax()
        rival = np.append(np.delete(chance, best), 1.0 - chance.sum()).max()
        assert explained.text == result.spelling_of_cluster[result.best[task]]
        assert explained.log_odds == pytest.approx(np.log(chance[best] / rival), abs=ROUNDING)
        assert explained.prior + explained.weight_of_answer.sum() == pytest.approx(
            explained.log_odds, abs=ROUNDING
        )
        rivals.add(explained.runner_up is None)
    assert rivals == {True, False}


def test_kept_habits_of_those_who_answered_explain_the_same():
    texts = write(n_tasks=60, seed=4).coded.texts
    result = infer_texts(texts)

    for task in range(0, 60, 5):
        rows = np.flatnonzero(texts.task_of_answer == task)
        workers = texts.worker_of_answer[rows]
        forms = {normalise(texts.text_of_answer[at]) for at in rows}
        own = forms | {word for form in forms for word in form.split()}
        kept = replace(
            result.habits,
            concentration=result.habits.concentration[workers],
            known=result.habits.known & own,
        )
        explained = explain_text_answers(
            kept, np.arange(len(rows), dtype=np.int32), [texts.text_of_answer[at] for at in rows]
        )

        expected = explain_texts(result, texts, task=task)
        assert explained.text == expected.text
        assert explained.weight_of_answer.tolist() == expected.weight_of_answer.tolist()


def test_answers_for_the_text_weigh_for_it_and_the_better_ones_more():
    texts = write(n_tasks=200, seed=5).coded.texts
    habits = infer_texts(texts).habits
    workers = np.array([1, 10, 11, 0, 2], np.int32)

    explained = explain_text_answers(
        habits, workers, ["garden gate", "garden gate", "Garden gate.", "asdf", "window sill"]
    )

    assert explained.text == "garden gate"
    weights = explained.weight_of_answer
    assert weights[:3].min() > 0
    assert weights[0] < weights[1]
    assert weights[0] < weights[2]


def test_company_is_shared_out_as_over_all_orders():
    sizes, spread = [3, 2, 1], 1.7
    kinds = [side for side, size in enumerate(sizes) for _ in range(size)]
    added = np.zeros(3)
    orders = list(permutations(range(6)))
    for order in orders:
        counts = [0, 0, 0]
        before = 0.0
        for answer in order:
            counts[kinds[answer]] += 1
            after = float(_company(*counts, n=6, spread=spread))
            added[kinds[answer]] += after - before
            before = after

    shares = _shares(sizes, spread)

    np.testing.assert_allclose(shares, added / len(orders) / sizes, atol=1e-12)


def test_very_many_answers_are_explained_without_counting_all_orders():
    codes = np.arange(900, dtype=np.int32)
    given = tuple(f"text {one % 3}" for one in range(900))
    texts = Texts(codes * 0, codes, given, 1, 900)
    result = infer_texts(texts)

    explained = explain_texts(result, texts, task=0)

    assert explained.prior + explained.weight_of_answer.sum() == pytest.approx(explained.log_odds)


def test_text_that_nobody_gave_is_refused():
    habits = infer_texts(write(n_tasks=20, seed=1).coded.texts).habits

    with pytest.raises(BadAnswers) as refusal:
        explain_text_answers(habits, np.zeros(1, np.int32), ["one"], text="two")

    assert str(refusal.value) == (
        "Expected a text that somebody gave to the task, got 'two'; explain one of the answers."
    )


def test_explaining_loads_no_compiled_code():
    look = "import sys, dure.truth.explain_texts; print('numba' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert told.stdout == "False\n"
