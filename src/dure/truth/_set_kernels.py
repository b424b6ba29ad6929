"""The compiled loops over sets. Their numpy twins in the tests are the specification.

Rows are grouped by task: those of task t lie from starts[t] to starts[t + 1]; `chosen[row, label]`
is 1 where the label was chosen. What is believed of workers and counted of them has the form
[worker, chosen or not, belongs or not, label].
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dure.truth.types import Floats, Ints

Places = NDArray[np.int64]
Marks = NDArray[np.uint8]
# An expectation this near to certain tells nothing of how answers fail.
VARIANCE_MIN = 1e-3
# So many factors of at most exp(22) are multiplied before a logarithm is taken.
N_FACTORS = 16
SHARE_MIN = 1e-9


@njit(cache=True, nogil=True)
def hear(starts: Places, worker_of_answer: Ints, chosen: Marks, weights: Floats,
         said: Floats, loud: Floats, most: Floats) -> None:  # fmt: skip
    """Add up what the answers to each task say of each label, their sizes, and the largest size."""
    for task in range(starts.shape[0] - 1):
        for row in range(starts[task], starts[task + 1]):
            of_worker = weights[worker_of_answer[row]]
            for label in range(chosen.shape[1]):
                weight = of_worker[chosen[row, label], label]
                size = abs(weight)
                said[task, label] += weight
                loud[task, label] += size
                most[task, label] = max(most[task, label], size)


@njit(cache=True, nogil=True)
def count_votes(starts: Places, chosen: Marks, votes: Floats) -> None:
    """Count how many answers to each task chose each label."""
    for task in range(starts.shape[0] - 1):
        for row in range(starts[task], starts[task + 1]):
            for label in range(chosen.shape[1]):
                votes[task, label] += chosen[row, label]


@njit(cache=True, nogil=True)
def count_sets(starts: Places, worker_of_answer: Ints, chosen: Marks, probability: Floats,
               is_known: Marks, counts: Floats) -> None:  # fmt: skip
    """Count how often each worker chose each label and left it out, where it belongs or not.

    An answer is an n-th of what its task's n answers say of the truth: that part would only tell
    that it agrees with itself, and does not count. Where the set is known each counts in full.
    """
    for task in range(starts.shape[0] - 1):
        n_answers = starts[task + 1] - starts[task]
        part = 1.0 if is_known[task] else 1.0 - 1.0 / max(n_answers, 1)
        for row in range(starts[task], starts[task + 1]):
            of_worker = counts[worker_of_answer[row]]
            for label in range(chosen.shape[1]):
                belongs = probability[task, label]
                cell = of_worker[chosen[row, label]]
                cell[1, label] += part * belongs
                cell[0, label] += part * (1.0 - belongs)


@njit(cache=True, nogil=True)
def doubt_sets(starts: Places, worker_of_answer: Ints, probability: Floats, doubt: Floats) -> None:
    """Add up by worker the variance of how many words are right, for the truth is not certain."""
    for task in range(starts.shape[0] - 1):
        variance = 0.0
        for label in range(probability.shape[1]):
            variance += probability[task, label] * (1.0 - probability[task, label])
        for row in range(starts[task], starts[task + 1]):
            doubt[worker_of_answer[row]] += variance


@njit(cache=True, nogil=True)
def fail_together_sets(starts: Places, worker_of_answer: Ints, chosen: Marks, probability: Floats,
                       usually_right: Floats, is_known: Marks) -> tuple[float, float]:  # fmt: skip
    """Return the sum of products of two answers' residuals on one label, and of their scales.

    A residual is how right a word is by the task's probability, less how right its worker usually
    is on that label: `usually_right[worker, belongs or not, label]`.
    """
    together, n_pairs = 0.0, 0.0
    for task in range(starts.shape[0] - 1):
        for label in range(chosen.shape[1]):
            belongs = probability[task, label]
            total, squares, n_told = 0.0, 0.0, 0
            for row in range(starts[task], starts[task + 1]):
                right_of_worker = usually_right[worker_of_answer[row]]
                usual = belongs * right_of_worker[1, label]
                usual += (1.0 - belongs) * right_of_worker[0, label]
                variance = usual * (1.0 - usual)
                if variance < VARIANCE_MIN or is_known[task]:
                    continue
                right = belongs if chosen[row, label] else 1.0 - belongs
                residual = (right - usual) / math.sqrt(variance)
                total += residual
                squares += residual * residual
                n_told += 1
            together += 0.5 * (total * total - squares)
            n_pairs += 0.5 * n_told * (n_told - 1)
    return together, n_pairs


@njit(cache=True, nogil=True)
def sort_into_classes(ratio: Floats, log_weight: Floats, chance: Floats, share: Floats,
                      mass: Floats, sums: Floats) -> float:  # fmt: skip
    """Tell how much of each task is of each kind, and how often labels belong there.

    `ratio` is how much likelier the answers are if the label belongs. Fills `share`, adds to `mass`
    and `sums`, and returns the log likelihood.
    """
    n_tasks, n_labels = ratio.shape
    n_classes = chance.shape[0]
    likelihood = 0.0
    for task in range(n_tasks):
        highest = -math.inf
        for kind in range(n_classes):
            logs, product = log_weight[kind], 1.0
            for label in range(n_labels):
                product *= 1.0 + chance[kind, label] * (ratio[task, label] - 1.0)
                if label % N_FACTORS == N_FACTORS - 1:
                    logs += math.log(product)
                    product = 1.0
            share[task, kind] = logs + math.log(product)
            highest = max(highest, share[task, kind])
        total = 0.0
        for kind in range(n_classes):
            share[task, kind] = math.exp(share[task, kind] - highest)
            total += share[task, kind]
        likelihood += highest + math.log(total)
        for kind in range(n_classes):
            share[task, kind] /= total
            part = share[task, kind]
            if part < SHARE_MIN:
                continue
            mass[kind] += part
            for label in range(n_labels):
                yes = chance[kind, label] * ratio[task, label]
                sums[kind, label] += part * yes / (1.0 - chance[kind, label] + yes)
    return likelihood
