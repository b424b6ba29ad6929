"""What each vote and each prediction weighed in a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth import _surprise
from dure.truth.explain import explain_answers, log_probabilities
from dure.truth.surprise_types import Surprise, SurpriseTerms
from dure.truth.types import NO_LABEL, Answers, Floats, Habits, Ints
from dure.truth.validate import BadAnswers

# The path is cut into pieces, each integrated by Gauss and Legendre's rule with so many points.
N_PIECES = 16
_POINTS, _POINT_WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True, slots=True, eq=False)
class SurpriseExplanation:
    """What speaks for `label` against `runner_up`, in natural log odds.

    `weight_of_vote[i]` is what answer i weighed, `weight_of_prediction[i]` what was predicted
    with it: above zero for the label, below for the runner-up. With `prior`, which spoke before
    any, they sum to `log_odds`, log(p[label] / p[runner_up]) of the verdict's probabilities.
    """

    label: int
    runner_up: int
    prior: float
    weight_of_vote: Floats
    weight_of_prediction: Floats
    log_odds: float


def explain_surprise(
    surprise: Surprise, answers: Answers, predictions: Floats, *, task: int
) -> SurpriseExplanation:
    """Say what each vote and prediction weighed in a task's verdict.

    Assumes that `surprise` is the conclusion from these answers and predictions. Where the
    popular answers are believed predictions weigh nothing. See `docs/truth/surprising.md`.

    Parameters
    ----------
    surprise : Surprise
        The conclusion.
    answers : Answers
        The answers.
    predictions : (n_answers, n_labels) float64
        What was predicted with them.
    task : int
        The task; weights are in the order of its rows in `answers`.

    Returns
    -------
    SurpriseExplanation
        For a task whose label is known, what its answers alone say for it.

    Raises
    ------
    BadAnswers
        If there is no such task, or only one label.

    Notes
    -----
    Source: see `explain_predicted`.
    """
    if not 0 <= task < answers.n_tasks:
        raise BadAnswers(f"Expected a task from 0 to {answers.n_tasks - 1}, got {task}.")
    if surprise.by_votes.habits is None:
        raise BadAnswers("Expected a conclusion whose fit to the votes learned habits, got none.")
    rows = np.flatnonzero(answers.task_of_answer == task)
    label = int(surprise.label[task])
    return explain_predicted(
        surprise.by_votes.habits,
        surprise.terms if surprise.believes_surprising else None,
        answers.worker_of_answer[rows],
        answers.label_of_answer[rows],
        predictions[rows],
        label=None if label == NO_LABEL else label,
    )


def explain_predicted(
    habits: Habits,
    terms: SurpriseTerms | None,
    worker_of_answer: Ints,
    label_of_answer: Ints,
    predictions: Floats,
    *,
    label: int | None = None,
) -> SurpriseExplanation:
    """Say what each vote and prediction weighed, from habits and terms alone.

    Assumes that the answers are those to one task. If all of them spoke louder little by little,
    each would move the log odds a little at each moment: what it moved in sum is its weight.

    Parameters
    ----------
    habits : Habits
        What the fit to the votes learned of the workers.
    terms : SurpriseTerms or None
        None where the popular answers are believed.
    worker_of_answer, label_of_answer : (n_answers,) int32
        Each answer's worker, a row of `habits.concentration`, and label.
    predictions : (n_answers, n_labels) float64
        What was predicted with each, nan where not said.
    label : int, optional
        The label to explain; the likeliest if not given.

    Returns
    -------
    SurpriseExplanation
        Against the likeliest other label.

    Raises
    ------
    BadAnswers
        If there is only one label.

    Notes
    -----
    Source: R. J. Aumann and L. S. Shapley, Values of non-atomic games, 1974; for what was learned
    of workers see `explain_answers`.
    """
    if terms is None:
        told = explain_answers(habits, worker_of_answer, label_of_answer, label=label)
        silent = np.zeros(len(label_of_answer))
        return SurpriseExplanation(
            told.label, told.runner_up, told.prior, told.weight_of_answer, silent, told.log_odds
        )
    ways = _Ways(terms, label_of_answer, _surprise.complete(predictions))
    label, runner_up = _pair(habits, ways, worker_of_answer, label)
    known = explain_answers(
        habits, worker_of_answer, label_of_answer, label=label, against=runner_up
    )
    by_vote, by_prediction = ways.weights(label, runner_up)
    by_share = _share_weights(label_of_answer, label, runner_up)
    weight_of_vote = by_vote + terms.trust * (known.weight_of_answer - by_share)
    log_odds = ways.log_odds(label, runner_up)
    log_odds += terms.trust * (known.log_odds - float(by_share.sum()))
    return SurpriseExplanation(
        label, runner_up, terms.trust * known.prior, weight_of_vote, by_prediction, log_odds
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """A task's votes and complete predictions, with a loudness from 0 to 1."""

    terms: SurpriseTerms
    label_of_answer: Ints
    told: Floats

    @property
    def _n_labels(self) -> int:
        return len(self.terms.lean)

    def counts(self) -> tuple[Floats, Floats, float]:
        votes = np.bincount(self.label_of_answer, minlength=self._n_labels).astype(np.float64)
        knows = ~np.isnan(self.told[:, 0])
        return votes, self.told[knows].sum(axis=0), float(knows.sum())

    def surprises(self, loudness: float = 1.0) -> Floats:
        votes, sums, n_told = self.counts()
        predicted = _surprise.predicted_shares(loudness * sums, np.array(loudness * n_told))
        expected = _surprise.expected_shares(predicted, self.terms.lean)
        return _surprise.surprises(loudness * votes, expected, self.terms.n_expected)

    def log_odds(self, label: int, runner_up: int) -> float:
        logs = self.terms.sharpness * self.surprises()
        return float(logs[label] - logs[runner_up])

    def weights(self, label: int, runner_up: int) -> tuple[Floats, Floats]:
        by_vote, by_prediction = np.zeros((2, len(self.label_of_answer)))
        edges = np.linspace(0.0, 1.0, N_PIECES + 1)
        half = 0.5 / N_PIECES
        for begin in edges[:-1]:
            for point, weight in zip(_POINTS, _POINT_WEIGHTS, strict=True):
                one, other = self._slopes(begin + half * (1.0 + point), label, runner_up)
                by_vote += half * weight * one
                by_prediction += half * weight * other
        # The rule misses a little in the last digits: all share it.
        missed = self.log_odds(label, runner_up) - by_vote.sum() - by_prediction.sum()
        by_vote += missed / max(len(by_vote), 1)
        return by_vote, by_prediction

    def _slopes(self, loudness: float, label: int, runner_up: int) -> tuple[Floats, Floats]:
        """How fast the log odds grow with the loudness of each vote and of each prediction."""
        votes, sums, n_told = self.counts()
        predicted = _surprise.predicted_shares(loudness * sums, np.array(loudness * n_told))
        expected = _surprise.expected_shares(predicted, self.terms.lean)
        drawn = self.terms.n_expected * expected + loudness * votes
        sharpness = self.terms.sharpness
        names = np.zeros(self._n_labels)
        names[label], names[runner_up] = 1.0 / drawn[label], -1.0 / drawn[runner_up]
        of_vote = sharpness * names[self.label_of_answer]
        # What a larger expected share takes from its label's surprise; scaling all to sum to 1
        # adds the same to every log, which then counts by how much is lost to each label's votes.
        lost = loudness * votes / drawn
        told = np.nan_to_num(self.told)
        grows = told / (predicted * (loudness * n_told + 1.0))
        grows -= (grows @ expected)[:, None]
        of_prediction = -sharpness * (
            lost[label] * grows[:, label] - lost[runner_up] * grows[:, runner_up]
        )
        return of_vote, of_prediction


def _pair(habits: Habits, ways: _Ways, workers: Ints, label: int | None) -> tuple[int, int]:
    """The label to explain and the likeliest other one."""
    n_labels = habits.n_labels
    if n_labels < 2:
        raise BadAnswers("Expected at least two labels, got one; nothing speaks against it.")
    known = log_probabilities(habits, workers, ways.label_of_answer)
    votes, _, _ = ways.counts()
    known = known - np.log(votes + _surprise.VOTE_SMOOTHING)
    odds = ways.terms.sharpness * ways.surprises() + ways.terms.trust * known
    if label is None:
        label = int(odds.argmax())
    odds[label] = -np.inf
    return label, int(odds.argmax())


def _share_weights(labels: Ints, label: int, runner_up: int) -> Floats:
    """What each vote weighs in the log odds of the smoothed shares: all of one label the same."""
    weights = np.zeros(len(labels))
    for one, sign in ((label, 1.0), (runner_up, -1.0)):
        here = labels == one
        n_votes = int(here.sum())
        if n_votes:
            weights[here] = sign * np.log1p(n_votes / _surprise.VOTE_SMOOTHING) / n_votes
    return weights
