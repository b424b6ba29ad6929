"""What each answer weighed in a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.chances import divisors, log_chances
from dure.truth.types import NO_LABEL, Answers, Floats, Habits, Ints, Posterior
from dure.truth.validate import BadAnswers

# The path is cut into pieces, each integrated by Gauss and Legendre's rule with so many points.
N_PIECES = 32
_POINTS, _POINT_WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What speaks for `label` against `runner_up`, in natural log odds.

    `weight_of_answer[i]` is what answer i weighed: above zero for the label, below for the
    runner-up. `prior` is what spoke before any answer. They sum to `log_odds`, which is
    log(p[label] / p[runner_up]) of the verdict's probabilities.
    """

    label: int
    runner_up: int
    prior: float
    weight_of_answer: Floats
    log_odds: float


def explain(posterior: Posterior, answers: Answers, *, task: int) -> Explanation:
    """Say what each answer to a task weighed in its verdict.

    Assumes that `posterior` is the result of a fit to `answers`. See `docs/truth/explain.md`.

    Parameters
    ----------
    posterior : Posterior
        With habits; those of majority are none.
    answers : Answers
        The answers of the fit.
    task : int
        The task; `weight_of_answer` is in the order of its rows in `answers`.

    Returns
    -------
    Explanation
        For a task whose label is known, what its answers alone say for it and against the
        likeliest other label.

    Raises
    ------
    BadAnswers
        If the posterior has no habits, or there is no such task or only one label.

    Notes
    -----
    Source: see `explain_answers`.
    """
    if posterior.habits is None:
        raise BadAnswers(
            f"Expected a fit that learned habits, got one of {posterior.method}, where each answer "
            "weighs the same; use another method."
        )
    if not 0 <= task < answers.n_tasks:
        raise BadAnswers(f"Expected a task from 0 to {answers.n_tasks - 1}, got {task}.")
    rows = np.flatnonzero(answers.task_of_answer == task)
    label = int(posterior.label[task])
    return explain_answers(
        posterior.habits,
        answers.worker_of_answer[rows],
        answers.label_of_answer[rows],
        label=None if label == NO_LABEL else label,
    )


def explain_answers(
    habits: Habits,
    worker_of_answer: Ints,
    label_of_answer: Ints,
    *,
    label: int | None = None,
    against: int | None = None,
) -> Explanation:
    """Say what each answer weighed, from habits alone.

    Assumes that the answers are those to one task. If all of them spoke louder little by little,
    from silence to what they say, each would move the log odds a little at each moment: what it
    moved in sum is its weight. So the weights sum to the log odds whatever the tempering and the
    mixing do, and answers that say the same weigh the same.

    Parameters
    ----------
    habits : Habits
        What was learned of the workers.
    worker_of_answer : (n_answers,) int32
        Each answer's worker, a row of `habits.concentration`.
    label_of_answer : (n_answers,) int32
        Each answer's label.
    label : int, optional
        The label to explain; the likeliest if not given.
    against : int, optional
        The label to compare it with; the likeliest other one if not given.

    Returns
    -------
    Explanation
        What speaks for the one against the other.

    Raises
    ------
    BadAnswers
        If there is only one label.

    Notes
    -----
    Source: R. J. Aumann and L. S. Shapley, Values of non-atomic games, 1974; the integral is that
    of M. Sundararajan, A. Taly and Q. Yan, Axiomatic attribution for deep networks, ICML 2017,
    equation 1.
    """
    if habits.n_labels < 2:
        raise BadAnswers("Expected at least two labels, got one; nothing speaks against it.")
    path = _path(habits, worker_of_answer, label_of_answer)
    after = path.chances(np.ones(1))[0][0]
    if label is None:
        label = int(after.argmax())
    others = after.copy()
    others[label] = -np.inf
    runner_up = int(others.argmax()) if against is None else against
    before = path.chances(np.zeros(1))[0][0]
    edges = np.linspace(0.0, 1.0, N_PIECES + 1)
    half = 0.5 / N_PIECES
    lengths = half * _POINT_WEIGHTS
    spoke_before = float(before[label] - before[runner_up])
    log_odds = float(after[label] - after[runner_up])
    weights = np.zeros(len(label_of_answer))
    # Piece by piece: all at once, a thousand answers with as many labels would take gigabytes.
    for begin in edges[:-1]:
        weights += lengths @ path.slopes(begin + half * (1.0 + _POINTS), label, runner_up)
    # Where a label's likelier state changes on the way, the rule misses a little: all share it.
    weights += (log_odds - spoke_before - weights.sum()) / max(len(weights), 1)
    return Explanation(label, runner_up, spoke_before, weights, log_odds)


def log_probabilities(habits: Habits, worker_of_answer: Ints, label_of_answer: Ints) -> Floats:
    """Say what the answers to one task conclude, from habits alone.

    Parameters
    ----------
    habits : Habits
        What was learned of the workers.
    worker_of_answer, label_of_answer : (n_answers,) int32
        Each answer's worker, a row of `habits.concentration`, and label.

    Returns
    -------
    (n_labels,) float64
        The logarithm of each label's probability.
    """
    path = _path(habits, worker_of_answer, label_of_answer)
    logs: Floats = path.chances(np.ones(1))[0][0]
    return logs


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """Probabilities when answers speak with a loudness from 0 to 1, and how fast they change."""

    said: Floats
    prior: Floats
    label_of_answer: Ints
    habits: Habits

    def chances(self, loudness: Floats) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.int64]]:
        """By moment and label: log probabilities, the part of them that is the fit's, the fit's
        own probabilities, the vote's, and each label's state.
        """
        n_labels = self.habits.n_labels
        logs = -(self.prior + loudness[:, None] * self.said.sum(axis=0))
        by_level = logs.reshape(len(loudness), -1, n_labels)
        state = by_level.argmax(axis=1) * n_labels + np.arange(n_labels)
        best = by_level.max(axis=1)
        log_fitted = best - best.max(axis=1, keepdims=True)
        log_fitted -= np.log(np.exp(log_fitted).sum(axis=1, keepdims=True))
        fitted = np.exp(log_fitted)
        votes = np.bincount(self.label_of_answer, minlength=n_labels)
        shares = self.habits.vote_smoothing + loudness[:, None] * votes
        shares /= shares.sum(axis=1, keepdims=True)
        weight = self.habits.vote_weight
        if weight == 0.0:
            # Without the vote a chance may be too small for a number; its logarithm is not.
            return log_fitted, np.ones_like(fitted), fitted, shares, state
        mixed = (1.0 - weight) * fitted + weight * shares
        return np.log(mixed), (1.0 - weight) * fitted / mixed, fitted, shares, state

    def slopes(self, loudness: Floats, label: int, runner_up: int) -> Floats:
        """Return (n_moments, n_answers): what each answer adds to the log odds at each moment."""
        _, of_fit, fitted, shares, state = self.chances(loudness)
        n_votes = self.habits.vote_smoothing * self.habits.n_labels + loudness * len(self.said)
        against = self.said[:, state]  # by answer, moment and label
        usual = (against * fitted).sum(axis=2, keepdims=True)
        names = self.label_of_answer[:, None, None] == np.arange(self.habits.n_labels)
        by_vote = (names / shares - 1.0) / n_votes[:, None]
        changed = of_fit * (usual - against) + (1.0 - of_fit) * by_vote
        slopes: Floats = (changed[:, :, label] - changed[:, :, runner_up]).T
        return slopes


def _path(habits: Habits, workers: Ints, labels: Ints) -> _Path:
    said, prior, divisor = _log_odds_against_best(habits, workers, labels)
    scale = habits.sharpness / divisor
    return _Path(said * scale, prior * scale, labels, habits)


def _log_odds_against_best(
    habits: Habits, workers: Ints, labels: Ints
) -> tuple[Floats, Floats, Floats]:
    """Return by answer and state what speaks for the likeliest state; of the prior; divisors."""
    log_matrix, log_coin = log_chances(habits.concentration[workers], n_labels=habits.n_labels)
    log_prevalence = np.log(habits.prevalence)
    row = np.arange(len(labels))
    if len(log_matrix):
        says = log_matrix[row, labels]
    else:
        says = np.zeros((len(labels), len(log_prevalence)))
        says[row, labels] = log_coin
    best = int((log_prevalence + says.sum(axis=0)).argmax())
    said = says[:, [best]] - says
    prior = log_prevalence[best] - log_prevalence
    each = np.abs(np.vstack([prior, said]))
    divisor = divisors(each.sum(axis=0), each.max(axis=0), correlation=habits.correlation)
    return said, prior, divisor
