"""The compiled loops. Their numpy twins in the tests are the specification.

Rows are grouped by task: those of task t lie from starts[t] to starts[t + 1]. A state is a label,
or a label of an easy or a hard task; state s has the label s % n_labels. What workers do is told
by `log_matrix[worker, label, state]`, or where that is empty by `log_coin[worker]`: how much more
often the right label is given than any one wrong one. Loops let go of Python's lock and each task
is done in the order of its rows, so the same rows give the same bits.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dure.truth.types import Floats, Ints

Places = NDArray[np.int64]
# An expectation this near to certain tells nothing of how answers fail.
VARIANCE_MIN = 1e-3


@njit(cache=True, nogil=True)
def count_codes(codes: Ints, counts: Places) -> None:
    """Count how often each code occurs; numpy's bincount first makes a copy twice as large."""
    for i in range(codes.shape[0]):
        counts[codes[i]] += 1


@njit(cache=True, nogil=True)
def start_from_votes(starts: Places, label_of_answer: Ints, gold: Ints, probability: Floats, *,
                     n_labels: int, smoothing: float) -> None:  # fmt: skip
    """Fill each task's row with its smoothed vote shares; split votes count more as a hard task."""
    n_tasks, n_states = probability.shape
    for task in range(n_tasks):
        row = probability[task]
        for label in range(n_labels):
            row[label] = smoothing
        for i in range(starts[task], starts[task + 1]):
            row[label_of_answer[i]] += 1.0
        n_votes = starts[task + 1] - starts[task] + smoothing * n_labels
        top = 0.0
        for label in range(n_labels):
            row[label] /= n_votes
            top = max(top, row[label])
        if n_states > n_labels:
            hard = min(max(2.0 * (1.0 - top), 0.1), 0.9)
            for label in range(n_labels):
                row[n_labels + label] = row[label] * hard
                row[label] *= 1.0 - hard
        hold(row, known_label(gold, task), n_labels)


@njit(cache=True, nogil=True)
def count(starts: Places, worker_of_answer: Ints, label_of_answer: Ints, probability: Floats,
          counts: Floats, hits: Floats, mass: Floats) -> None:  # fmt: skip
    """Add what all tasks tell of workers: see `believe`."""
    for task in range(starts.shape[0] - 1):
        if starts[task] < starts[task + 1]:
            _count_task(
                starts[task], starts[task + 1], worker_of_answer, label_of_answer,
                probability[task], counts, hits, mass,
            )  # fmt: skip


@njit(cache=True, nogil=True)
def believe(first: int, last: int, starts: Places, worker_of_answer: Ints, label_of_answer: Ints,
            log_matrix: Floats, log_coin: Floats, log_prevalence: Floats, gold: Ints,
            probability: Floats, counts: Floats, hits: Floats, mass: Floats,
            n_labels: int) -> float:  # fmt: skip
    """Renew the rows of tasks `first` to `last`, and count by them; return the total change.

    Adds the state's probability of each answer to counts[worker, label, state], or to
    hits[worker] = (right, wrong) where `counts` is empty, and each task's row to `mass`.
    """
    n_states = log_prevalence.shape[0]
    row = np.empty(n_states)
    change = 0.0
    for task in range(first, last):
        from_row, to_row = starts[task], starts[task + 1]
        if from_row == to_row:
            continue
        _sum_logs(from_row, to_row, worker_of_answer, label_of_answer, log_matrix, log_coin,
                  log_prevalence, row)  # fmt: skip
        _to_chances(row)
        hold(row, known_label(gold, task), n_labels)
        for state in range(n_states):
            change += abs(row[state] - probability[task, state])
            probability[task, state] = row[state]
        _count_task(from_row, to_row, worker_of_answer, label_of_answer, row, counts, hits, mass)
    return change


@njit(cache=True, nogil=True)
def conclude(first: int, last: int, starts: Places, worker_of_answer: Ints, label_of_answer: Ints,
             log_matrix: Floats, log_coin: Floats, log_prevalence: Floats, gold: Ints,
             correlation: float, sharpness: float, vote_weight: float, vote_smoothing: float,
             result: Floats) -> None:  # fmt: skip
    """Fill result[task, label] with tempered probabilities, mixed with smoothed vote shares."""
    n_labels = result.shape[1]
    row = np.empty(log_prevalence.shape[0])
    folded = np.empty(n_labels)
    for task in range(first, last):
        from_row, to_row = starts[task], starts[task + 1]
        temper(from_row, to_row, worker_of_answer, label_of_answer, log_matrix, log_coin,
               log_prevalence, correlation, sharpness, row)  # fmt: skip
        fold(row, folded)
        n_votes = to_row - from_row + vote_smoothing * n_labels
        for label in range(n_labels):
            folded[label] = (1.0 - vote_weight) * folded[label] + vote_weight * (
                vote_smoothing / n_votes
            )
        for i in range(from_row, to_row):
            folded[label_of_answer[i]] += vote_weight / n_votes
        hold(folded, known_label(gold, task), n_labels)
        for label in range(n_labels):
            result[task, label] = folded[label]


@njit(cache=True, nogil=True)
def add_doubt(starts: Places, worker_of_answer: Ints, label_of_answer: Ints, probability: Floats,
              doubt: Floats, n_given: Floats) -> None:  # fmt: skip
    """Add to each worker's `doubt` the variance of whether each answer is right, and count them."""
    for task in range(starts.shape[0] - 1):
        for i in range(starts[task], starts[task + 1]):
            right = probability[task, label_of_answer[i]]
            doubt[worker_of_answer[i]] += right * (1.0 - right)
            n_given[worker_of_answer[i]] += 1.0


@njit(cache=True, nogil=True)
def fail_together(first: int, last: int, starts: Places, worker_of_answer: Ints,
                  label_of_answer: Ints, log_matrix: Floats, log_coin: Floats,
                  log_prevalence: Floats, gold: Ints,
                  n_labels: int) -> tuple[float, float]:  # fmt: skip
    """Return the sum of products of two answers' errors on one task, and the number of pairs.

    An answer's error is how right it is by its task's probabilities, less how right its worker
    usually is, in standard deviations.
    """
    n_states = log_prevalence.shape[0]
    row = np.empty(n_states)
    together = 0.0
    n_pairs = 0.0
    for task in range(first, last):
        from_row, to_row = starts[task], starts[task + 1]
        if to_row - from_row < 2:
            continue
        _sum_logs(from_row, to_row, worker_of_answer, label_of_answer, log_matrix, log_coin,
                  log_prevalence, row)  # fmt: skip
        _to_chances(row)
        hold(row, known_label(gold, task), n_labels)
        total = 0.0
        squares = 0.0
        for i in range(from_row, to_row):
            right = 0.0
            usually = 0.0
            for state in range(n_states):
                label = state % n_labels
                if label == label_of_answer[i]:
                    right += row[state]
                usually += row[state] * _chance_right(
                    worker_of_answer[i], label, state, log_matrix, log_coin, n_labels
                )
            error = (right - usually) / math.sqrt(max(usually * (1.0 - usually), VARIANCE_MIN))
            total += error
            squares += error * error
        together += total * total - squares
        n_pairs += float(to_row - from_row) * (to_row - from_row - 1)
    return together, n_pairs


@njit(cache=True, nogil=True)
def temper(from_row: int, to_row: int, worker_of_answer: Ints, label_of_answer: Ints,
           log_matrix: Floats, log_coin: Floats, log_prevalence: Floats, correlation: float,
           sharpness: float, row: Floats) -> None:  # fmt: skip
    """Fill `row` with one task's probabilities, its log odds divided for what fails together.

    The log odds of the likeliest state k against state j are divided by
    1 + correlation * (n_j - 1), where n_j counts the answers and the prevalence by how much each
    says between k and j, in units of the one that says most. So an answer for k never takes from
    it, however weak it is; dividing by the plain number of answers would.
    """
    n_states = row.shape[0]
    _sum_logs(from_row, to_row, worker_of_answer, label_of_answer, log_matrix, log_coin,
              log_prevalence, row)  # fmt: skip
    best = 0
    for state in range(n_states):
        if row[state] > row[best]:
            best = state
    top = row[best]
    total = 0.0
    for state in range(n_states):
        said = abs(log_prevalence[best] - log_prevalence[state])
        most = said
        for i in range(from_row, to_row):
            one = abs(
                log_odds(worker_of_answer[i], label_of_answer[i], best, state, log_matrix, log_coin)
            )
            said += one
            most = max(most, one)
        divisor = 1.0
        if most > 0.0:
            divisor = max(1.0 + correlation * (said / most - 1.0), 1.0)
        row[state] = math.exp((row[state] - top) * sharpness / divisor)
        total += row[state]
    for state in range(n_states):
        row[state] /= total


@njit(cache=True, nogil=True)
def log_odds(
    worker: int, label: int, state: int, other: int, log_matrix: Floats, log_coin: Floats
) -> float:
    """Return how much an answer speaks for one state against another."""
    said = 0.0
    if log_matrix.shape[0]:
        said = log_matrix[worker, label, state] - log_matrix[worker, label, other]
    else:
        if label == state:
            said += log_coin[worker]
        if label == other:
            said -= log_coin[worker]
    return said


@njit(cache=True, nogil=True)
def fold(row: Floats, folded: Floats) -> None:
    """Give each label the chance of its likeliest state, and make the chances sum to one."""
    n_labels = folded.shape[0]
    total = 0.0
    for label in range(n_labels):
        folded[label] = row[label]
        for state in range(label, row.shape[0], n_labels):
            folded[label] = max(folded[label], row[state])
        total += folded[label]
    for label in range(n_labels):
        folded[label] /= total


@njit(cache=True, nogil=True)
def known_label(gold: Ints, task: int) -> int:
    """Return a task's known label, -1 if it is not known; `gold` is empty where none is."""
    return gold[task] if gold.shape[0] else -1


@njit(cache=True, nogil=True)
def hold(row: Floats, gold_label: int, n_labels: int) -> None:
    """Put a known label's chances to one in sum and all others to nothing."""
    if gold_label < 0:
        return
    known = 0.0
    for state in range(row.shape[0]):
        if state % n_labels == gold_label:
            known += row[state]
        else:
            row[state] = 0.0
    n_states_of_label = row.shape[0] // n_labels
    for state in range(gold_label, row.shape[0], n_labels):
        row[state] = row[state] / known if known > 0.0 else 1.0 / n_states_of_label


@njit(cache=True, nogil=True)
def _sum_logs(from_row: int, to_row: int, worker_of_answer: Ints, label_of_answer: Ints,
              log_matrix: Floats, log_coin: Floats, log_prevalence: Floats,
              row: Floats) -> None:  # fmt: skip
    """Fill `row` with the log of each state's share.

    Two and four states are written out, so that their sums stay in registers: three times faster.
    """
    n_states = row.shape[0]
    row[:] = log_prevalence
    if not log_matrix.shape[0]:
        for i in range(from_row, to_row):
            row[label_of_answer[i]] += log_coin[worker_of_answer[i]]
    elif n_states == 4:
        a, b, c, d = row[0], row[1], row[2], row[3]
        for i in range(from_row, to_row):
            says = log_matrix[worker_of_answer[i], label_of_answer[i]]
            a += says[0]
            b += says[1]
            c += says[2]
            d += says[3]
        row[0], row[1], row[2], row[3] = a, b, c, d
    elif n_states == 2:
        a, b = row[0], row[1]
        for i in range(from_row, to_row):
            says = log_matrix[worker_of_answer[i], label_of_answer[i]]
            a += says[0]
            b += says[1]
        row[0], row[1] = a, b
    else:
        for i in range(from_row, to_row):
            says = log_matrix[worker_of_answer[i], label_of_answer[i]]
            for state in range(n_states):
                row[state] += says[state]


@njit(cache=True, nogil=True)
def _to_chances(row: Floats) -> None:
    # Written out: numpy's max and a division each would take twice as long.
    top = row[0]
    for state in range(1, row.shape[0]):
        if row[state] > top:
            top = row[state]
    total = 0.0
    for state in range(row.shape[0]):
        row[state] = math.exp(row[state] - top)
        total += row[state]
    one = 1.0 / total
    for state in range(row.shape[0]):
        row[state] *= one


@njit(cache=True, nogil=True)
def _count_task(from_row: int, to_row: int, worker_of_answer: Ints, label_of_answer: Ints,
                row: Floats, counts: Floats, hits: Floats, mass: Floats) -> None:  # fmt: skip
    n_states = row.shape[0]
    for state in range(n_states):
        mass[state] += row[state]
    if not counts.shape[0]:
        for i in range(from_row, to_row):
            right = row[label_of_answer[i]]
            hits[worker_of_answer[i], 0] += right
            hits[worker_of_answer[i], 1] += 1.0 - right
        return
    if n_states == 4:
        a, b, c, d = row[0], row[1], row[2], row[3]
        for i in range(from_row, to_row):
            of_answer = counts[worker_of_answer[i], label_of_answer[i]]
            of_answer[0] += a
            of_answer[1] += b
            of_answer[2] += c
            of_answer[3] += d
        return
    for i in range(from_row, to_row):
        of_answer = counts[worker_of_answer[i], label_of_answer[i]]
        for state in range(n_states):
            of_answer[state] += row[state]


@njit(cache=True, nogil=True)
def _chance_right(
    worker: int, label: int, state: int, log_matrix: Floats, log_coin: Floats, n_labels: int
) -> float:
    if log_matrix.shape[0]:
        return math.exp(log_matrix[worker, label, state])
    odds = math.exp(log_coin[worker]) / max(n_labels - 1, 1)
    return odds / (1.0 + odds)
