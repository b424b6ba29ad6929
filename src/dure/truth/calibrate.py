"""From log odds to probabilities that hold: what fails together, and what known labels tell."""

from __future__ import annotations

import numpy as np

from dure.truth._kernels import conclude, fail_together
from dure.truth._rows import Rows, over_tasks
from dure.truth.chances import log_chances
from dure.truth.habits import tell_without_own
from dure.truth.types import NO_LABEL, Floats, Habits, Ints

# Answers to one task are believed to fail together so much, and so many times as much more as
# their errors are seen to: probabilities that came from the same answers hide most of it. Both
# were measured, see docs/truth/calibration.md.
CORRELATION_LEAST = 0.6
CORRELATION_SLOPE = 6.0
# With one coin for all, what tells workers and labels apart would pass for failing together: votes
# are taken to fail together so much.
CORRELATION_OF_VOTES = 0.4
# The logarithm of the sharpness that known labels tell is believed to be about 0, this far.
SHARPNESS_SPREAD = 0.5
SHARPNESS_GRID = np.exp(np.linspace(-2.0, 1.5, 71))
# So many known tasks tell the sharpness to within a few hundredths; more would only take time.
N_GOLD_MAX = 2_000
PROBABILITY_MIN = 1e-6


def learn_correlation(rows: Rows, habits: Habits) -> float:
    """Tell how much answers to one task fail together, without knowing any truth.

    Where workers err each for themselves, one's being right more than usual says nothing of
    another's on the same task. See `docs/truth/calibration.md`.

    Parameters
    ----------
    rows : Rows
        The answers.
    habits : Habits
        What was learned of the workers; its `correlation` is not used.

    Returns
    -------
    float
        From 0 to 1.

    Notes
    -----
    Source: see `residual_correlation`; the line through it is our own.
    """
    seen = max(0.0, residual_correlation(rows, habits))
    return float(min(CORRELATION_LEAST + CORRELATION_SLOPE * seen, 1.0))


def residual_correlation(rows: Rows, habits: Habits) -> float:
    """Measure how much errors on one task go together.

    Parameters
    ----------
    rows : Rows
        The answers.
    habits : Habits
        What was learned of the workers.

    Returns
    -------
    float
        From -1 to 1; 0 where no task has two answers.

    Notes
    -----
    Source: the intraclass correlation, R. A. Fisher, Statistical methods for research workers,
    1925, chapter 7, of standardised residuals.
    """
    logs = log_chances(habits.concentration, n_labels=habits.n_labels)
    log_prevalence = np.log(habits.prevalence)
    sums = over_tasks(
        rows,
        lambda first, last: fail_together(
            first, last, rows.starts, rows.worker_of_answer, rows.label_of_answer, *logs,
            log_prevalence, rows.gold, rows.n_labels,
        ),
    )  # fmt: skip
    together, n_pairs = np.sum(sums, axis=0)
    return float(together / n_pairs) if n_pairs else 0.0


def learn_sharpness(
    rows: Rows, habits: Habits, probability: Floats, *, hits: Floats, strength: float
) -> float:
    """Tell from known labels how much surer or less sure the verdicts should be.

    Each known task is concluded as if it were not known and its answers had told nothing of those
    who gave them, so that the fit's knowledge of it doesn't flatter it. What holds for all workers
    or tasks stays: one task of many hardly moves it.

    Parameters
    ----------
    rows : Rows
        The answers; `gold` holds the known labels.
    habits : Habits
        What was learned, with the correlation to be used.
    probability : (n_tasks, n_states) float64
        The fit's last probabilities, with which the known tasks were counted.
    hits : (n_workers, 2) float64
        How many of each worker's answers were right and wrong by them.
    strength : float
        How alike workers are in how often they are right.

    Returns
    -------
    float
        What log odds are to be multiplied with; 1 where nothing is known.

    Notes
    -----
    Source: temperature scaling, C. Guo et al., On calibration of modern neural networks, ICML
    2017, section 4.2, with a belief about the temperature and each task left out of its own fit.
    """
    if not rows.gold.size:
        return 1.0
    known = np.flatnonzero((rows.gold != NO_LABEL) & (np.diff(rows.starts) > 0))
    if not known.size:
        return 1.0
    known = known[:: 1 + (len(known) - 1) // N_GOLD_MAX]
    n_answers = rows.starts[known + 1] - rows.starts[known]
    starts = np.concatenate([[0], np.cumsum(n_answers)])
    place = np.repeat(rows.starts[known] - starts[:-1], n_answers) + np.arange(starts[-1])
    labels = rows.label_of_answer[place]
    logs = _logs_without(
        habits,
        hits,
        strength,
        workers=rows.worker_of_answer[place],
        labels=labels,
        own=np.repeat(probability[known], n_answers, axis=0),
    )
    itself = np.arange(len(place), dtype=np.int32)
    unknown = np.empty(0, np.int32)
    result = np.empty((len(known), rows.n_labels))
    belief = -0.5 * (np.log(SHARPNESS_GRID) / SHARPNESS_SPREAD) ** 2
    for place_of_grid, sharpness in enumerate(SHARPNESS_GRID):
        conclude(
            0, len(known), starts, itself, labels, *logs, np.log(habits.prevalence), unknown,
            habits.correlation, sharpness, habits.vote_weight, habits.vote_smoothing, result,
        )  # fmt: skip
        of_truth = result[np.arange(len(known)), rows.gold[known]]
        belief[place_of_grid] += np.log(np.maximum(of_truth, PROBABILITY_MIN)).sum()
    return float(SHARPNESS_GRID[belief.argmax()])


def _logs_without(
    habits: Habits, hits: Floats, strength: float, *, workers: Ints, labels: Ints, own: Floats
) -> tuple[Floats, Floats]:
    """Return what each answer weighs, its own task taken out of what is known of its worker."""
    if habits.concentration.ndim == 2:
        right = own[np.arange(len(workers)), labels]
        believed = habits.concentration[workers] - np.stack([right, 1.0 - right], axis=1)
        # What was counted can be taken away; rounding must not leave less than nothing.
        return log_chances(np.maximum(believed, 1e-9), n_labels=habits.n_labels)
    chance = tell_without_own(
        habits, hits, strength, worker_of_answer=workers, label_of_answer=labels, own=own
    )
    # The kernel reads an answer's own label only. A view spares the memory of the others: with a
    # thousand labels a few thousand whole matrices would take a hundred gigabytes.
    shape = (len(workers), habits.n_labels, chance.shape[1])
    return np.broadcast_to(np.log(chance)[:, None, :], shape), np.empty(0)
