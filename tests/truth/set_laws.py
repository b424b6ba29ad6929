"""The laws of sets, and the random ones to try them on; see `laws.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from dure.truth import SetPosterior, Sets
from tests.truth.laws import (
    SAME,
    _bits,
    _permutation,
    arguments_come_back_unchanged,
    same_seed_gives_the_same_bits,
    who_answered,
)

Infer = Callable[[Sets], SetPosterior]


@st.composite
def random_sets(draw: st.DrawFn) -> Sets:
    tasks, workers, n_tasks, n_workers = draw(who_answered())
    n_labels = draw(st.integers(1, 5))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    chosen = random.random((len(tasks), n_labels)) < draw(st.sampled_from([0.0, 0.3, 0.8, 1.0]))
    return Sets(tasks, workers, chosen, n_tasks, n_workers, n_labels)


def chances_are_chances_where_there_are_answers(method: Infer, sets: Sets, seed: int) -> None:
    result = method(sets)

    answered = result.n_answers > 0
    assert ((result.probability[answered] > 0) & (result.probability[answered] < 1)).all()
    assert ((result.sureness[answered] > 0) & (result.sureness[answered] <= 1)).all()
    assert np.isnan(result.probability[~answered]).all()
    assert np.isnan(result.sureness[~answered]).all()
    assert not result.chosen[~answered].any()
    given = np.bincount(sets.worker_of_answer, minlength=sets.n_workers) > 0
    assert (result.skill_low[given] <= result.skill[given]).all()
    assert (result.skill[given] <= result.skill_high[given]).all()
    assert np.isnan(result.skill[~given]).all()


def set_is_as_likely_as_its_surest_label_at_most(method: Infer, sets: Sets, seed: int) -> None:
    result = method(sets)

    answered = result.n_answers > 0
    of_chosen = np.where(result.chosen, result.probability, 1.0 - result.probability)[answered]
    assert (result.sureness[answered] <= of_chosen.min(axis=1) + 1e-9).all()


def permuting_rows_changes_nothing(method: Infer, sets: Sets, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(sets.task_of_answer))

    shuffled = method(
        replace(
            sets,
            task_of_answer=sets.task_of_answer[order],
            worker_of_answer=sets.worker_of_answer[order],
            chosen=sets.chosen[order],
        )
    )

    assert _bits(shuffled) == _bits(method(sets))


def renaming_renames_the_result(method: Infer, sets: Sets, seed: int) -> None:
    tasks, workers, labels = (
        _permutation(size, seed) for size in (sets.n_tasks, sets.n_workers, sets.n_labels)
    )
    chosen = np.empty_like(sets.chosen)
    chosen[:, labels] = sets.chosen

    result = method(
        replace(
            sets,
            task_of_answer=tasks[sets.task_of_answer],
            worker_of_answer=workers[sets.worker_of_answer],
            chosen=chosen,
        )
    )

    expected = method(sets)
    np.testing.assert_allclose(result.probability[tasks][:, labels], expected.probability, **SAME)
    np.testing.assert_allclose(result.sureness[tasks], expected.sureness, **SAME)
    np.testing.assert_allclose(result.skill[workers], expected.skill, **SAME)


SET_LAWS = (
    chances_are_chances_where_there_are_answers,
    set_is_as_likely_as_its_surest_label_at_most,
    permuting_rows_changes_nothing,
    renaming_renames_the_result,
    arguments_come_back_unchanged,
    same_seed_gives_the_same_bits,
)
