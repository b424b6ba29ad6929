from __future__ import annotations

import numpy as np
import pytest

from dure.truth import BadAnswers, OnlineTexts, Texts, infer_texts
from dure.truth._text_clusters import cluster_texts, count_forms
from dure.truth.text_habits import conclude_clusters
from tests.truth.writing_crowds import write

ROUNDING = {"rtol": 0.0, "atol": 1e-12}
# What is learned on the way is counted before the later answers are known.
LEARNED = 0.03


def test_with_habits_held_it_concludes_what_all_answers_do():
    texts = write(n_tasks=80, seed=1).coded.texts
    first, later = _split(texts)
    fit = infer_texts(first)

    online = OnlineTexts(fit, first, learns=False)
    for answer in later:
        verdict = online.add(**answer)
        assert verdict.probability.tolist() == online.verdict(answer["task"]).probability.tolist()

    clusters = cluster_texts(
        texts, count_forms(texts), nearness=fit.habits.nearness, known=fit.habits.known,
        right_forms=(),
    )  # fmt: skip
    together = conclude_clusters(fit.habits, clusters)[0]
    ours = np.concatenate([online.verdict(task).probability for task in range(texts.n_tasks)])
    np.testing.assert_allclose(ours, together, **ROUNDING)


def test_learning_on_the_way_agrees_with_a_refit():
    texts = write(n_tasks=300, seed=2).coded.texts
    first, later = _split(texts)

    online = OnlineTexts(infer_texts(first), first)
    for answer in later:
        online.add(**answer)

    refit = infer_texts(texts)
    verdicts = [online.verdict(task) for task in range(texts.n_tasks)]
    same = [
        one.spelling[one.best] == refit.spelling_of_cluster[best]
        for one, best in zip(verdicts, refit.best, strict=True)
    ]
    ours = np.array([one.probability[one.best] for one in verdicts])
    assert np.mean(same) > 0.95
    assert np.abs(ours - refit.probability_of_cluster[refit.best]).mean() < LEARNED


def test_new_tasks_and_workers_join_as_newcomers():
    texts = write(n_tasks=40, seed=1).coded.texts
    fit = infer_texts(texts)
    online = OnlineTexts(fit, texts)

    for worker in range(12, 16):
        verdict = online.add(task=40, worker=worker, text="a new text")

    assert (verdict.spelling, verdict.best, verdict.n_answers) == (("a new text",), 0, 4)
    assert verdict.probability[0] > 0.7
    assert online.habits.concentration.shape == (16, 2)
    assert (online.habits.concentration[:12] == fit.habits.concentration).all()
    assert (online.habits.concentration[12:].sum(axis=1) > fit.habits.newcomer.sum()).all()


def test_known_text_stays_and_teaches():
    texts = write(n_tasks=40, seed=1).coded.texts
    gold = ["Known Text", *[None] * 39]
    fit = infer_texts(texts, gold_text=gold)
    online = OnlineTexts(fit, texts, gold_text=gold)

    verdict = online.add(task=0, worker=12, text="known text")

    assert (verdict.spelling[verdict.best], verdict.probability[verdict.best]) == (gold[0], 1.0)
    assert (
        online.habits.concentration[12].tolist()
        == (fit.habits.newcomer + np.array([1, 0])).tolist()
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"task": 3, "worker": 0}, "Expected a task from 0 to 2, got 3."),
        ({"task": 0, "worker": 4}, "Expected a worker from 0 to 2, got 4."),
        (
            {"task": 1, "worker": 1},
            (
                "Expected one answer for each task and worker, got a second of worker 1 to task 1; "
                "leave it out."
            ),
        ),
    ],
)
def test_answer_that_cannot_be_is_refused(answer, sentence):
    codes = np.arange(2, dtype=np.int32)
    texts = Texts(codes, codes, ("a", "b"), 2, 2)
    online = OnlineTexts(infer_texts(texts), texts)

    with pytest.raises(BadAnswers) as refusal:
        online.add(**answer, text="c")

    assert str(refusal.value) == sentence
    assert online.verdict(1).n_answers == 1


def _split(texts):
    """Four fifths of the answers, and the others as they come later."""
    is_later = np.random.default_rng(1).random(len(texts.text_of_answer)) < 0.2
    kept = np.flatnonzero(~is_later)
    first = Texts(
        texts.task_of_answer[kept],
        texts.worker_of_answer[kept],
        tuple(texts.text_of_answer[at] for at in kept),
        texts.n_tasks,
        texts.n_workers,
    )
    later = [
        {
            "task": int(texts.task_of_answer[at]),
            "worker": int(texts.worker_of_answer[at]),
            "text": texts.text_of_answer[at],
        }
        for at in np.flatnonzero(is_later)
    ]
    return first, later
