"""People added to a recorded crowd: honest ones, spammers, copyists, one under many names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

SPAMMERS = ("uniform", "by_prior", "constant")
COPYISTS = ("copy_median", "copy_best", "copy_majority")
IDENTITIES = (2, 5, 10)


def with_people(answers: Any, people: list[tuple[Any, Any]]) -> Any:
    """The crowd with more workers, each given by his tasks and labels; their codes come last."""
    tasks, labels = zip(*people, strict=True)
    codes = [np.full(len(own), answers.n_workers + at) for at, own in enumerate(tasks)]

    def joined(old: Any, new: Any) -> Any:
        return np.concatenate([old, *new]).astype(np.int32)

    return replace(
        answers,
        task_of_answer=joined(answers.task_of_answer, tasks),
        worker_of_answer=joined(answers.worker_of_answer, codes),
        label_of_answer=joined(answers.label_of_answer, labels),
        n_workers=answers.n_workers + len(people),
    )


def honest(crowd: Any, tasks: Any, *, accuracy: float, random: Any) -> Any:
    """Labels of somebody right that often, who errs as the crowd does but by himself."""
    answers, truth = crowd
    true = truth[tasks]
    known = truth[answers.task_of_answer] >= 0
    errors = np.full((answers.n_labels, answers.n_labels), 1e-3)
    np.add.at(errors, (truth[answers.task_of_answer[known]], answers.label_of_answer[known]), 1.0)
    np.fill_diagonal(errors, 0.0)
    errors /= errors.sum(axis=1, keepdims=True)
    wrong = np.array([random.choice(answers.n_labels, p=errors[label]) for label in true])
    return np.where(random.random(len(tasks)) < accuracy, true, wrong)


def spam(kind: str, crowd: Any, tasks: Any, *, random: Any) -> Any:
    """Labels that know nothing of the task."""
    answers, truth = crowd
    shares = np.bincount(truth[truth >= 0], minlength=answers.n_labels) / (truth >= 0).sum()
    if kind == "uniform":
        return random.integers(0, answers.n_labels, len(tasks))
    if kind == "by_prior":
        return random.choice(answers.n_labels, len(tasks), p=shares)
    return np.full(len(tasks), int(shares.argmax()))


def copied(answers: Any, worker: int) -> tuple[Any, Any]:
    """One worker's tasks and labels."""
    own = answers.worker_of_answer == worker
    return answers.task_of_answer[own], answers.label_of_answer[own]


def majority_labels(answers: Any, tasks: Any) -> Any:
    """The most frequent label of each task."""
    from dure.truth.majority import vote_shares

    return vote_shares(answers, smoothing=0.5).argmax(axis=1)[tasks]
