"""Simulated crowds whose truth and skills are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth import Answers


@dataclass(frozen=True)
class Crowd:
    answers: Answers
    truth: np.ndarray
    accuracy: np.ndarray
    # Whose answers are right as often as `accuracy` says, nobody copying and no task too hard.
    is_plain: np.ndarray


def simulate(
    accuracies, *, n_tasks, n_each=None, n_labels=2, n_copyists=0, hard=0.0, prevalence=None, seed=0
):
    """Let workers of these accuracies answer; wrong answers spread evenly.

    `n_each` workers answer each task, all if None. The last `n_copyists` give the first worker's
    answer where that one answered. On a share `hard` of the tasks everyone is right by chance
    alone.
    """
    random = np.random.default_rng(seed)
    accuracy = np.asarray(accuracies, float)
    n_workers = len(accuracy)
    truth = random.choice(n_labels, n_tasks, p=prevalence)
    is_hard = random.random(n_tasks) < hard
    tasks, workers = np.divmod(np.arange(n_tasks * n_workers), n_workers)
    chance = np.where(is_hard[tasks], 1.0 / n_labels, accuracy[workers])
    is_right = random.random(len(tasks)) < chance
    shift = random.integers(1, n_labels, len(tasks)) if n_labels > 1 else 0
    labels = np.where(is_right, truth[tasks], (truth[tasks] + shift) % n_labels)
    given = labels.reshape(n_tasks, n_workers)
    if n_copyists:
        given[:, n_workers - n_copyists :] = given[:, :1]
    kept = np.ones((n_tasks, n_workers), bool)
    if n_each is not None:
        kept = random.random((n_tasks, n_workers)).argsort(axis=1) < n_each
    task, worker = np.nonzero(kept)
    columns = (one.astype(np.int32) for one in (task, worker, given[kept]))
    answers = Answers(*columns, n_tasks, n_workers, n_labels)
    is_plain = (np.arange(n_workers) < n_workers - n_copyists) & (hard == 0)
    return Crowd(answers, truth.astype(np.int32), accuracy, is_plain)
