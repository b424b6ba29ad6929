from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.truth import (
    Answers,
    BadAnswers,
    Numbers,
    Outcome,
    answers_worth,
    claim,
    lower,
    numbers_worth,
)
from tests.truth.laws import arguments_come_back_unchanged, random_answers

SAME = {"rtol": 1e-9, "atol": 1e-11}


@st.composite
def checked_answers(draw):
    answers = draw(random_answers())
    labels = st.integers(-1, answers.n_labels - 1)
    truth = draw(st.lists(labels, min_size=answers.n_tasks, max_size=answers.n_tasks))
    return answers, np.array(truth, np.int32)


@given(checked_answers(), st.integers(0, 99))
def test_permuting_rows_tasks_workers_and_labels_permutes_the_result(case, seed):
    answers, truth = case
    random = np.random.default_rng(seed)
    tasks, workers, labels = (
        random.permutation(size).astype(np.int32)
        for size in (answers.n_tasks, answers.n_workers, answers.n_labels)
    )
    rows = random.permutation(len(answers.task_of_answer))
    renamed = replace(
        answers,
        task_of_answer=tasks[answers.task_of_answer][rows],
        worker_of_answer=workers[answers.worker_of_answer][rows],
        label_of_answer=labels[answers.label_of_answer][rows],
    )
    renamed_truth = np.empty_like(truth)
    renamed_truth[tasks] = np.where(truth < 0, -1, labels[truth])

    result = answers_worth(renamed, truth=renamed_truth)
    expected = answers_worth(answers, truth=truth)

    assert (result.n_checked[workers] == expected.n_checked).all()
    np.testing.assert_allclose(result.mean[workers], expected.mean, **SAME)
    np.testing.assert_allclose(result.error[workers], expected.error, **SAME)


@given(checked_answers())
def test_arguments_come_back_unchanged_and_the_same_bits_again(case):
    answers, truth = case
    truth.setflags(write=False)

    arguments_come_back_unchanged(lambda one: answers_worth(one, truth=truth), answers, 0)

    assert _bits(answers_worth(answers, truth=truth)) == _bits(answers_worth(answers, truth=truth))


def test_guessers_and_constant_answerers_earn_next_to_nothing():
    answers, truth = _crowd()

    worth = answers_worth(answers, truth=truth)

    sure = lower(worth)
    assert sure[:8].min() > 0.1
    assert sure[8:].max() < 0.1 * sure[:8].mean()
    assert (claim(worth) >= sure).all()
    assert (worth.error > 0).all()


def test_who_repeats_another_is_paid_only_where_he_was_first():
    answers, truth = _crowd()
    n_answers = len(answers.task_of_answer)
    beside = _with_copyist(answers, of=2)
    first = np.arange(n_answers + 200, dtype=np.int64)
    last = np.roll(first, n_answers)

    alone = answers_worth(answers, truth=truth).mean[2]
    copied_later = answers_worth(beside, truth=truth, order_of_answer=first).mean
    copied_before = answers_worth(beside, truth=truth, order_of_answer=last).mean
    shared = answers_worth(beside, truth=truth).mean

    assert copied_later[10] == copied_before[2] == 0.0
    assert 0.9 * alone < copied_later[2] < 1.1 * alone
    assert copied_before[10] == copied_later[2]
    np.testing.assert_allclose(shared[[2, 10]], copied_later[2] / 2, rtol=1e-12)


def test_few_checked_answers_claim_and_are_not_paid_yet():
    answers, truth = _crowd()
    truth[19:] = -1

    worth = answers_worth(answers, truth=truth)

    assert worth.n_checked.tolist() == [19] * 10
    assert lower(worth).tolist() == [0.0] * 10
    assert claim(worth)[:8].min() > 0.1
    assert lower(answers_worth(answers, truth=truth, n_checked_min=19))[:8].min() > 0


def test_nothing_checked_is_worth_nothing():
    answers, truth = _crowd()

    worth = answers_worth(answers, truth=np.full_like(truth, -1))

    assert worth.outcome is Outcome.NOTHING_CHECKED
    assert worth.mean.tolist() == [0.0] * 10
    assert np.isinf(worth.error).all()
    assert lower(worth).tolist() == claim(worth).tolist() == [0.0] * 10


def test_numbers_are_worth_what_they_tell_in_any_unit():
    numbers, truth = _estimates()

    worth = numbers_worth(numbers, truth=truth)
    scaled = replace(numbers, value_of_answer=numbers.value_of_answer * 8.0 + 32.0)
    in_another_unit = numbers_worth(scaled, truth=truth * 8.0 + 32.0)

    sure = lower(worth)
    assert sure[:6].min() > 0.1
    # The biased one is put right by his other answers; one who guesses and one who always says
    # the mean tell nothing.
    assert sure[6] > 0.1
    assert sure[7:].max() < 0.02
    np.testing.assert_allclose(in_another_unit.mean, worth.mean, rtol=1e-9)
    np.testing.assert_allclose(in_another_unit.error, worth.error, rtol=1e-9)


def test_numbers_without_truths_are_worth_nothing():
    numbers, truth = _estimates()

    nothing = numbers_worth(numbers, truth=np.full_like(truth, np.nan))
    all_equal = numbers_worth(numbers, truth=np.ones_like(truth))

    assert nothing.outcome is Outcome.NOTHING_CHECKED
    assert nothing.mean.tolist() == all_equal.mean.tolist() == [0.0] * 9
    assert lower(all_equal).tolist() == [0.0] * 9


@given(st.integers(0, 99))
def test_permuting_numbers_permutes_the_result(seed):
    numbers, truth = _estimates()
    random = np.random.default_rng(seed)
    tasks, workers = (random.permutation(size).astype(np.int32) for size in (100, 9))
    rows = random.permutation(len(numbers.task_of_answer))
    renamed = Numbers(
        tasks[numbers.task_of_answer][rows],
        workers[numbers.worker_of_answer][rows],
        numbers.value_of_answer[rows],
        100,
        9,
    )

    result = numbers_worth(renamed, truth=truth[np.argsort(tasks)])

    expected = numbers_worth(numbers, truth=truth)
    np.testing.assert_allclose(result.mean[workers], expected.mean, **SAME)
    np.testing.assert_allclose(result.error[workers], expected.error, **SAME)
    arguments_come_back_unchanged(lambda one: numbers_worth(one, truth=truth), numbers, seed)
    assert _bits(numbers_worth(numbers, truth=truth)) == _bits(expected)


def test_what_does_not_fit_is_refused():
    answers, truth = _crowd()
    truth[3] = 3

    with pytest.raises(BadAnswers):
        answers_worth(answers, truth=truth)
    truth[3] = 0
    with pytest.raises(BadAnswers) as least:
        answers_worth(answers, truth=truth, n_checked_min=-1)
    with pytest.raises(BadAnswers) as order:
        answers_worth(answers, truth=truth, order_of_answer=np.zeros(3, np.int64))

    assert str(least.value) == "Expected n_checked_min of at least 0, got -1."
    assert str(order.value) == (
        "Expected order_of_answer to be an int64 array of shape (2000,), got int64 of shape (3,)."
    )


def _crowd():
    """Eight who are right four times of five, one who guesses and one who always says 1."""
    random = np.random.default_rng(5)
    truth = random.integers(0, 3, 200).astype(np.int32)
    tasks = np.repeat(np.arange(200, dtype=np.int32), 10)
    workers = np.tile(np.arange(10, dtype=np.int32), 200)
    guesses = random.integers(0, 3, len(tasks)).astype(np.int32)
    labels = np.where(random.random(len(tasks)) < 0.7, truth[tasks], guesses)
    labels = np.where(workers == 8, guesses, np.where(workers == 9, 1, labels)).astype(np.int32)
    return Answers(tasks, workers, labels, 200, 10, 3), truth


def _estimates():
    """Six who err by half a spread, one who is 1 too high too, one guesser, one at the mean."""
    random = np.random.default_rng(7)
    truth = random.normal(size=100)
    tasks = np.repeat(np.arange(100, dtype=np.int32), 9)
    workers = np.tile(np.arange(9, dtype=np.int32), 100)
    values = truth[tasks] + random.normal(size=900) * 0.5
    values = np.where(workers == 6, values + 1.0, values)
    values = np.where(workers == 7, random.normal(size=900), values)
    values = np.where(workers == 8, 0.0, values)
    return Numbers(tasks, workers, values, 100, 9), truth


def _with_copyist(answers, *, of):
    own = answers.worker_of_answer == of
    return replace(
        answers,
        task_of_answer=np.append(answers.task_of_answer, answers.task_of_answer[own]),
        worker_of_answer=np.append(answers.worker_of_answer, np.full(200, 10, np.int32)),
        label_of_answer=np.append(answers.label_of_answer, answers.label_of_answer[own]),
        n_workers=11,
    )


def _bits(worth):
    values = [getattr(worth, field.name) for field in fields(worth)]
    return [one.tobytes() if isinstance(one, np.ndarray) else one for one in values]
