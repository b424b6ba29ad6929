"""Random answers in words, and the laws that every method for them obeys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from dure.truth import TextPosterior, Texts
from tests.truth.laws import (
    SAME,
    arguments_come_back_unchanged,
    same_seed_gives_the_same_bits,
    who_answered,
)

Write = Callable[[Texts], TextPosterior]
WORDS = (
    "house",
    "House ",
    "huose",
    "mouse",
    "A1",
    "A2",
    "서울특별시",
    "서울 특별시",
    "서울특벌시",
    "?",
    "",
)


@st.composite
def random_texts(draw: st.DrawFn) -> Texts:
    tasks, workers, n_tasks, n_workers = draw(who_answered())
    text = st.sampled_from(WORDS) | st.text(max_size=6)
    given = draw(st.lists(text, min_size=len(tasks), max_size=len(tasks)))
    return Texts(tasks, workers, tuple(given), n_tasks, n_workers)


def probabilities_of_a_task_leave_room_for_none(method: Write, texts: Texts, seed: int) -> None:
    result = method(texts)

    total = np.bincount(
        result.task_of_cluster, weights=result.probability_of_cluster, minlength=texts.n_tasks
    )
    share = np.bincount(
        result.task_of_cluster, weights=result.share_of_cluster, minlength=texts.n_tasks
    )
    assert (result.probability_of_cluster >= 0).all()
    assert (total <= 1 + 1e-12).all()
    np.testing.assert_allclose(share, result.n_answers > 0)


def best_is_a_likeliest_text_of_its_task(method: Write, texts: Texts, seed: int) -> None:
    result = method(texts)

    for task, best in enumerate(result.best.tolist()):
        chances = result.probability_of_cluster[result.task_of_cluster == task]
        assert (best == -1) == (result.n_answers[task] == 0)
        if best >= 0:
            assert result.task_of_cluster[best] == task
            assert result.probability_of_cluster[best] == chances.max()


def permuting_rows_permutes_the_clusters(method: Write, texts: Texts, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(texts.text_of_answer))

    shuffled = method(
        replace(
            texts,
            task_of_answer=texts.task_of_answer[order],
            worker_of_answer=texts.worker_of_answer[order],
            text_of_answer=tuple(texts.text_of_answer[at] for at in order),
        )
    )

    expected = method(texts)
    assert (shuffled.cluster_of_answer == expected.cluster_of_answer[order]).all()
    assert shuffled.spelling_of_cluster == expected.spelling_of_cluster
    assert shuffled.probability_of_cluster.tobytes() == expected.probability_of_cluster.tobytes()


def renaming_tasks_and_workers_changes_no_verdict(method: Write, texts: Texts, seed: int) -> None:
    random = np.random.default_rng(seed)
    tasks = random.permutation(texts.n_tasks).astype(np.int32)
    workers = random.permutation(texts.n_workers).astype(np.int32)

    renamed = method(
        replace(
            texts,
            task_of_answer=tasks[texts.task_of_answer],
            worker_of_answer=workers[texts.worker_of_answer],
        )
    )

    expected = method(texts)
    for task in range(texts.n_tasks):
        ours, theirs = _verdict(renamed, tasks[task]), _verdict(expected, task)
        assert list(ours) == list(theirs)
        np.testing.assert_allclose(list(ours.values()), list(theirs.values()), **SAME)
    np.testing.assert_allclose(renamed.skill[workers], expected.skill, **SAME)


def skill_lies_in_its_interval(method: Write, texts: Texts, seed: int) -> None:
    result = method(texts)

    gave = np.bincount(texts.worker_of_answer, minlength=texts.n_workers) > 0
    bounds = [np.zeros(gave.sum()), result.skill_low[gave], result.skill[gave]]
    bounds += [result.skill_high[gave], np.ones(gave.sum())]
    assert (np.diff(bounds, axis=0) >= 0).all()
    assert np.isnan(result.skill[~gave]).all()


TEXT_LAWS = (
    probabilities_of_a_task_leave_room_for_none,
    best_is_a_likeliest_text_of_its_task,
    permuting_rows_permutes_the_clusters,
    renaming_tasks_and_workers_changes_no_verdict,
    skill_lies_in_its_interval,
    arguments_come_back_unchanged,
    same_seed_gives_the_same_bits,
)


def _verdict(result: TextPosterior, task: int) -> dict[str, float]:
    here = np.flatnonzero(result.task_of_cluster == task).tolist()
    return {
        result.spelling_of_cluster[one]: float(result.probability_of_cluster[one]) for one in here
    }
