"""The compiled loops. Their numpy twins in the tests are the specification.

They run in one thread and in the order of the rows, so the same rows give the same bits.
"""

from __future__ import annotations

from numba import njit

from dure.truth.types import Floats, Ints


@njit(cache=True)
def add_log_likelihood(
    task_of_answer: Ints,
    worker_of_answer: Ints,
    label_of_answer: Ints,
    log_matrix: Floats,
    log_likelihood: Floats,
) -> None:
    """Add log_matrix[worker, label, :] of each answer to its task's row."""
    n_labels = log_likelihood.shape[1]
    for i in range(task_of_answer.shape[0]):
        task = task_of_answer[i]
        worker = worker_of_answer[i]
        label = label_of_answer[i]
        for true in range(n_labels):
            log_likelihood[task, true] += log_matrix[worker, label, true]


@njit(cache=True)
def add_counts(
    task_of_answer: Ints,
    worker_of_answer: Ints,
    label_of_answer: Ints,
    probability: Floats,
    counts: Floats,
) -> None:
    """Add each task's probabilities to counts[worker, label, :] of its answers."""
    n_labels = probability.shape[1]
    for i in range(task_of_answer.shape[0]):
        task = task_of_answer[i]
        worker = worker_of_answer[i]
        label = label_of_answer[i]
        for true in range(n_labels):
            counts[worker, label, true] += probability[task, true]
