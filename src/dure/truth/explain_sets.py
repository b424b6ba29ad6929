"""What each answer, and what the other labels, weighed in whether a label belongs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.set_chances import (
    SetHabits,
    fitted_chances,
    label_chances,
    temper,
    vote_shares,
    word_weights,
)
from dure.truth.types import Floats, SetPosterior, Sets
from dure.truth.validate import BadAnswers

# The path is cut into pieces, each integrated by Gauss and Legendre's rule with so many points.
N_PIECES = 32
_POINTS, _POINT_WEIGHTS = np.polynomial.legendre.leggauss(8)
# Log odds at which a label belongs for certain.
CERTAIN = 200.0


@dataclass(frozen=True, slots=True, eq=False)
class SetExplanation:
    """What speaks for `label` to belong, in natural log odds.

    `weight_of_answer[i]` is what answer i weighed by what it says of this label, and
    `weight_of_label[j]` what all answers weighed by what they say of label j, where labels go
    together; it is 0 for the label itself. `prior` is what spoke before any answer. They sum to
    `log_odds`, which is log(p / (1 - p)) of the label's probability p.
    """

    label: int
    prior: float
    weight_of_answer: Floats
    weight_of_label: Floats
    log_odds: float


def explain_sets(posterior: SetPosterior, sets: Sets, *, task: int, label: int) -> SetExplanation:
    """Say what each answer to a task weighed in whether a label belongs.

    Assumes that `posterior` is the result of a fit to `sets`. See `docs/truth/multi_label.md`.

    Parameters
    ----------
    posterior : SetPosterior
        The fit.
    sets : Sets
        The answers of the fit.
    task : int
        The task; `weight_of_answer` is in the order of its rows in `sets`.
    label : int
        The label.

    Returns
    -------
    SetExplanation
        For a task whose set is known, what its answers alone say.

    Raises
    ------
    BadAnswers
        If there is no such task or label.

    Notes
    -----
    Source: see `explain_set_answers`.
    """
    if not 0 <= task < sets.n_tasks:
        raise BadAnswers(f"Expected a task from 0 to {sets.n_tasks - 1}, got {task}.")
    rows = np.flatnonzero(sets.task_of_answer == task)
    habits = posterior.habits[sets.worker_of_answer[rows]]
    return explain_set_answers(habits, sets.chosen[rows], posterior.shared, label=label)


def explain_set_answers(
    habits: Floats, chosen: NDArray[np.bool_], shared: SetHabits, *, label: int
) -> SetExplanation:
    """Say what each answer weighed, from habits alone.

    Assumes that the answers are those to one task. If all of them spoke louder little by little,
    from silence to what they say, each word on each label would move the log odds a little at each
    moment: what it moved in sum is its weight. So the weights sum to the log odds whatever the
    tempering, the kinds of tasks, the allowed sizes and the votes do.

    Parameters
    ----------
    habits : (n_answers, 4 * n_labels) float64
        Each answer's worker: a row of `SetPosterior.habits`.
    chosen : (n_answers, n_labels) bool
        The answers.
    shared : SetHabits
        What holds for all.
    label : int
        The label to explain.

    Returns
    -------
    SetExplanation
        What speaks for the label.

    Raises
    ------
    BadAnswers
        If there is no such label.

    Notes
    -----
    Source: R. J. Aumann and L. S. Shapley, Values of non-atomic games, 1974, as in
    `dure.truth.explain_answers`.
    """
    if not 0 <= label < shared.n_labels:
        raise BadAnswers(f"Expected a label from 0 to {shared.n_labels - 1}, got {label}.")
    words = tempered_words(habits, chosen, shared)
    edges = np.linspace(0.0, 1.0, N_PIECES + 1)[:-1]
    half = 0.5 / N_PIECES
    loudness = (edges[:, None] + half * (1.0 + _POINTS)).ravel()
    lengths = np.tile(half * _POINT_WEIGHTS, N_PIECES)
    by_word, by_vote = _slopes(words, chosen, shared, loudness, label)
    of_word = words * (lengths @ by_word)
    weights = of_word[:, label] + lengths @ by_vote
    of_label = of_word.sum(axis=0)
    of_label[label] = 0.0
    prior, log_odds = (_log_odds(words, chosen, shared, loud, label) for loud in (0.0, 1.0))
    # The rule misses a little: all answers share it.
    if len(weights):
        weights += (log_odds - prior - weights.sum() - of_label.sum()) / len(weights)
    return SetExplanation(label, prior, weights, of_label, log_odds)


def tempered_words(habits: Floats, chosen: NDArray[np.bool_], shared: SetHabits) -> Floats:
    """Tell what each answer to one task says of each label, in tempered log odds.

    Parameters
    ----------
    habits : (n_answers, 4 * n_labels) float64
        Each answer's worker.
    chosen : (n_answers, n_labels) bool
        The answers.
    shared : SetHabits
        What holds for all.

    Returns
    -------
    (n_answers, n_labels) float64
        Their sums are the task's evidence.
    """
    n_answers, n_labels = chosen.shape
    if not n_answers:
        return np.zeros((0, n_labels))
    weights = word_weights(habits, n_labels=n_labels)
    rows, labels = np.arange(n_answers)[:, None], np.arange(n_labels)
    words = weights[rows, chosen.astype(np.intp), labels]
    sizes = np.abs(words)
    said, loud = words.sum(axis=0)[None], sizes.sum(axis=0)[None]
    tempered: Floats = words * temper(said, loud, sizes.max(axis=0)[None], shared)
    return tempered


def _slopes(
    words: Floats, chosen: NDArray[np.bool_], shared: SetHabits, loudness: Floats, label: int
) -> tuple[Floats, Floats]:
    """Return by moment how fast the log odds rise by (moment, label), and by (moment, answer)."""
    evidence = loudness[:, None] * words.sum(axis=0)
    fitted = fitted_chances(evidence, shared)
    surely = evidence.copy()
    surely[:, label] = CERTAIN
    # How label and label go together: the derivative of a chance is a covariance.
    together = fitted[:, [label]] * (fitted_chances(surely, shared) - fitted)
    n_answers = len(words)
    shares = _shares(chosen, shared, loudness)[:, [label]]
    mixed = (1.0 - shared.vote_weight) * fitted[:, [label]] + shared.vote_weight * shares
    scale = 1.0 / (mixed * (1.0 - mixed))
    n_votes = shared.vote_smoothing + loudness[:, None] * n_answers
    by_vote = shared.vote_weight * scale * (chosen[:, label] - shares) / n_votes
    return (1.0 - shared.vote_weight) * scale * together, by_vote


def _shares(chosen: NDArray[np.bool_], shared: SetHabits, loudness: Floats) -> Floats:
    return vote_shares(loudness[:, None] * chosen.sum(axis=0), loudness * len(chosen), shared)


def _log_odds(
    words: Floats, chosen: NDArray[np.bool_], shared: SetHabits, loudness: float, label: int
) -> float:
    evidence = loudness * words.sum(axis=0)[None]
    shares = _shares(chosen, shared, np.array([loudness]))
    chance = label_chances(evidence, shares, shared)[0, label]
    return float(np.log(chance) - np.log1p(-chance))
