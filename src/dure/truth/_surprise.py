"""From one task's votes and predictions to what is surprising there, and how likely right."""

from __future__ import annotations

import numpy as np

from dure.truth.surprise_types import SurpriseTerms
from dure.truth.types import Answers, Floats

VOTE_SMOOTHING = 0.5
# What the fit to the votes holds for certain, in known tasks alone, stays finite here.
PROBABILITY_MIN = 1e-12


def complete(predictions: Floats) -> Floats:
    """Fill in shares that were not predicted, nan where nothing was or the row is all zeros.

    With one share of two labels missing it is what is left of 1; of several missing ones each
    gets an equal part of what is left. Shares that sum to more than 1 are scaled.
    """
    given = ~np.isnan(predictions)
    total = np.where(given, predictions, 0.0).sum(axis=1, keepdims=True)
    n_missing = (~given).sum(axis=1, keepdims=True)
    left = np.maximum(1.0 - total, 0.0) / np.maximum(n_missing, 1)
    filled = np.where(given, predictions, left)
    sums = filled.sum(axis=1, keepdims=True)
    is_told = given.any(axis=1, keepdims=True) & (sums > 0.0)
    return np.where(is_told, filled / np.where(sums > 0.0, sums, 1.0), np.nan)


def count(answers: Answers, told: Floats) -> tuple[Floats, Floats, Floats]:
    """Votes and predicted shares in sum, (n_tasks, n_labels) both, and how many predicted.

    `told` is complete; the rows must be in order, for sums in another order have other last bits.
    """
    n_tasks, n_labels = answers.n_tasks, answers.n_labels
    cell = answers.task_of_answer.astype(np.int64) * n_labels + answers.label_of_answer
    votes = np.bincount(cell, minlength=n_tasks * n_labels).reshape(n_tasks, n_labels)
    knows = ~np.isnan(told[:, 0])
    tasks = answers.task_of_answer[knows]
    sums = np.empty((n_tasks, n_labels))
    for label in range(n_labels):
        sums[:, label] = np.bincount(tasks, weights=told[knows, label], minlength=n_tasks)
    n_told = np.bincount(tasks, minlength=n_tasks).astype(np.float64)
    return votes.astype(np.float64), sums, n_told


def predicted_shares(sums: Floats, n_told: Floats) -> Floats:
    """Mean predictions, with one more that expects all labels alike."""
    shares: Floats = (sums + 1.0 / sums.shape[-1]) / (n_told[..., None] + 1.0)
    return shares


def expected_shares(predicted: Floats, lean: Floats) -> Floats:
    """Predicted shares with what this call's votes exceed its predictions by everywhere."""
    leant = predicted * np.exp(lean)
    expected: Floats = leant / leant.sum(axis=-1, keepdims=True)
    return expected


def surprises(votes: Floats, expected: Floats, n_expected: float) -> Floats:
    """The log of how much larger each share is than expected, drawn to none by `n_expected`."""
    n_votes = votes.sum(axis=-1, keepdims=True)
    logs: Floats = np.log((n_expected + votes / expected) / (n_expected + n_votes))
    return logs


def log_odds(logs: Floats, by_votes: Floats, votes: Floats, terms: SurpriseTerms) -> Floats:
    """Sum up what speaks for each label: its surprise, and what is known of those who chose it."""
    fitted = np.log(np.maximum(by_votes, PROBABILITY_MIN))
    known = fitted - np.log(votes + VOTE_SMOOTHING)
    total: Floats = terms.sharpness * logs + terms.trust * known
    return total


def chances(odds: Floats) -> Floats:
    """Probabilities out of log odds."""
    raised = np.exp(odds - odds.max(axis=-1, keepdims=True))
    probability: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return probability
