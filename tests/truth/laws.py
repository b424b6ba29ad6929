"""The laws that every inference method obeys, and the random answers to try them on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dure.truth import Answers, Estimates, Numbers, OnlineChoices, Posterior

# Sums in another order differ in their last bits, and a fit of many rounds multiplies that.
SAME = {"rtol": 1e-6, "atol": 1e-7}

ROUNDING = 1e-12

Choose = Callable[[Answers], Posterior]
Estimate = Callable[..., Estimates]


@st.composite
def who_answered(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int, int]:
    n_tasks, n_workers = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cells = [(task, worker) for task in range(n_tasks) for worker in range(n_workers)]
    given = draw(st.lists(st.sampled_from(cells), unique=True, max_size=20))
    pairs = np.array(given, dtype=np.int32).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy(), n_tasks, n_workers


@st.composite
def random_answers(draw: st.DrawFn) -> Answers:
    tasks, workers, n_tasks, n_workers = draw(who_answered())
    n_labels = draw(st.integers(1, 4))
    labels = draw(st.lists(st.integers(0, n_labels - 1), min_size=len(tasks), max_size=len(tasks)))
    return Answers(tasks, workers, np.array(labels, np.int32), n_tasks, n_workers, n_labels)


@st.composite
def random_numbers(draw: st.DrawFn) -> Numbers:
    tasks, workers, n_tasks, n_workers = draw(who_answered())
    value = st.integers(-50, 50) | st.sampled_from([10_000, 10**9])
    values = draw(st.lists(value, min_size=len(tasks), max_size=len(tasks)))
    return Numbers(tasks, workers, np.array(values, np.float64), n_tasks, n_workers)


def rows_sum_to_one(method: Choose, answers: Answers, seed: int) -> None:
    probability = method(answers).probability

    assert probability.shape == (answers.n_tasks, answers.n_labels)
    assert (probability >= 0).all()
    np.testing.assert_allclose(probability.sum(axis=1), 1.0, rtol=1e-12)


def permuting_rows_changes_nothing(method: Choose, answers: Answers, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(answers.task_of_answer))

    shuffled = method(
        replace(
            answers,
            task_of_answer=answers.task_of_answer[order],
            worker_of_answer=answers.worker_of_answer[order],
            label_of_answer=answers.label_of_answer[order],
        )
    )

    assert _bits(shuffled) == _bits(method(answers))


def permuting_tasks_permutes_the_result(method: Choose, answers: Answers, seed: int) -> None:
    renamed = _permutation(answers.n_tasks, seed)

    result = method(replace(answers, task_of_answer=renamed[answers.task_of_answer]))

    np.testing.assert_allclose(result.probability[renamed], method(answers).probability, **SAME)
    assert (result.n_answers[renamed] == method(answers).n_answers).all()


def permuting_workers_permutes_the_skills(method: Choose, answers: Answers, seed: int) -> None:
    renamed = _permutation(answers.n_workers, seed)

    result = method(replace(answers, worker_of_answer=renamed[answers.worker_of_answer]))

    np.testing.assert_allclose(result.probability, method(answers).probability, **SAME)
    np.testing.assert_allclose(result.skill[renamed], method(answers).skill, **SAME)


def permuting_labels_permutes_the_result(method: Choose, answers: Answers, seed: int) -> None:
    renamed = _permutation(answers.n_labels, seed)

    result = method(replace(answers, label_of_answer=renamed[answers.label_of_answer]))

    np.testing.assert_allclose(result.probability[:, renamed], method(answers).probability, **SAME)


def arguments_come_back_unchanged(method: Callable[[Any], Any], answers: Any, seed: int) -> None:
    before = _bits(answers)
    for name in (field.name for field in fields(answers)):
        if isinstance(array := getattr(answers, name), np.ndarray):
            array.setflags(write=False)

    method(answers)

    assert _bits(answers) == before


def same_seed_gives_the_same_bits(method: Callable[[Any], Any], answers: Any, seed: int) -> None:
    assert _bits(method(answers)) == _bits(method(answers))


def label_is_the_likeliest_where_there_are_answers(
    method: Choose, answers: Answers, seed: int
) -> None:
    result = method(answers)

    answered = result.n_answers > 0
    assert (result.label[~answered] == -1).all()
    best = result.probability[answered].argmax(axis=1)
    assert (result.label[answered] == best).all()


def interval_contains_the_estimate(method: Estimate, numbers: Numbers, seed: int) -> None:
    result = method(numbers)

    answered = result.n_answers > 0
    assert (result.low[answered] <= result.estimate[answered]).all()
    assert (result.estimate[answered] <= result.high[answered]).all()
    assert np.isnan(result.estimate[~answered]).all()
    assert np.isnan(result.low[~answered]).all()
    assert np.isnan(result.high[~answered]).all()


def permuting_numbers_permutes_the_result(method: Estimate, numbers: Numbers, seed: int) -> None:
    tasks, workers = (
        _permutation(numbers.n_tasks, seed),
        _permutation(numbers.n_workers, seed),
    )
    order = np.random.default_rng(seed).permutation(len(numbers.task_of_answer))

    result = method(
        replace(
            numbers,
            task_of_answer=tasks[numbers.task_of_answer][order],
            worker_of_answer=workers[numbers.worker_of_answer][order],
            value_of_answer=numbers.value_of_answer[order],
        )
    )

    expected = method(numbers)
    np.testing.assert_allclose(result.estimate[tasks], expected.estimate, **SAME)
    np.testing.assert_allclose(result.low[tasks], expected.low, **SAME)
    np.testing.assert_allclose(result.skill[workers], expected.skill, **SAME)


def scaling_numbers_scales_the_result(method: Estimate, numbers: Numbers, seed: int) -> None:
    result = method(replace(numbers, value_of_answer=numbers.value_of_answer * 4.0))

    expected = method(numbers)
    np.testing.assert_allclose(result.estimate, expected.estimate * 4.0, **SAME)
    np.testing.assert_allclose(result.high, expected.high * 4.0, **SAME)


def agreeing_answer_never_lowers_its_label(method: Choose, answers: Answers, seed: int) -> None:
    result = method(answers)
    if result.habits is None or answers.n_labels < 2:
        return
    for task in range(answers.n_tasks):
        online = OnlineChoices(result, answers, learns=False)
        gave = answers.worker_of_answer[answers.task_of_answer == task]
        before = online.probability(task)
        label = int(before.argmax())
        # Those who answered already, and a newcomer; who is no better than chance at this label
        # may lower it.
        believed = [*result.habits.concentration, result.habits.newcomer]
        for worker in set(range(len(believed))) - set(gave.tolist()):
            if _favours(believed[worker], label, answers.n_labels):
                after = online.add(task=task, worker=worker, label=label)
                assert after[label] >= before[label] - ROUNDING
                before = after


def permuting_rows_of_numbers_keeps_the_bits(method: Estimate, numbers: Numbers, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(numbers.task_of_answer))

    shuffled = method(
        replace(
            numbers,
            task_of_answer=numbers.task_of_answer[order],
            worker_of_answer=numbers.worker_of_answer[order],
            value_of_answer=numbers.value_of_answer[order],
        )
    )

    assert _bits(shuffled) == _bits(method(numbers))


def bounds_hold_estimates_and_intervals(method: Estimate, numbers: Numbers, seed: int) -> None:
    low, high = sorted(np.random.default_rng(seed).choice(np.arange(-60.0, 60.0), 2, replace=False))

    result = method(numbers, low=low, high=high)

    for found in (result.estimate, result.low, result.high):
        answered = found[result.n_answers > 0]
        assert ((low <= answered) & (answered <= high)).all()


def skills_lie_in_their_intervals(method: Estimate, numbers: Numbers, seed: int) -> None:
    result = method(numbers)

    answered = np.bincount(numbers.worker_of_answer, minlength=numbers.n_workers) > 0
    skill = result.skill[answered]
    assert (result.skill_low[answered] <= skill).all()
    assert (skill <= result.skill_high[answered]).all()
    assert np.isnan(result.skill_low[~answered]).all()


CHOICE_LAWS = (
    rows_sum_to_one,
    permuting_rows_changes_nothing,
    permuting_tasks_permutes_the_result,
    permuting_workers_permutes_the_skills,
    permuting_labels_permutes_the_result,
    arguments_come_back_unchanged,
    same_seed_gives_the_same_bits,
    label_is_the_likeliest_where_there_are_answers,
    agreeing_answer_never_lowers_its_label,
)
NUMBER_LAWS = (
    interval_contains_the_estimate,
    permuting_numbers_permutes_the_result,
    permuting_rows_of_numbers_keeps_the_bits,
    bounds_hold_estimates_and_intervals,
    skills_lie_in_their_intervals,
    scaling_numbers_scales_the_result,
    arguments_come_back_unchanged,
    same_seed_gives_the_same_bits,
)


def _favours(believed: np.ndarray, label: int, n_labels: int) -> bool:
    """Whether the answer is likelier under each state of its label than under any other."""
    if believed.ndim == 1:
        return bool(believed[0] * (n_labels - 1) > believed[1])
    chances = believed[label] / believed.sum(axis=0)
    is_its = np.arange(len(chances)) % n_labels == label
    return bool(chances[is_its].min() > chances[~is_its].max())


def _permutation(size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(size).astype(np.int32)


def _bits(record: Any) -> list[object]:
    values = [getattr(record, field.name) for field in fields(record)]
    return [
        one.tobytes() if isinstance(one, np.ndarray) else _bits(one) if is_dataclass(one) else one
        for one in values
    ]
