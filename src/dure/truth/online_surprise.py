"""One more answer with its prediction at a time: the task's verdict at once."""

from __future__ import annotations

import numpy as np

from dure.truth import _surprise
from dure.truth.majority import clamp
from dure.truth.online import OnlineChoices
from dure.truth.surprise_types import Surprise
from dure.truth.surprising import check_predictions
from dure.truth.types import NO_LABEL, Answers, Floats, Ints


class OnlineSurprise:
    """Verdicts that take one more answer and prediction as they come.

    Assumes that which answers deserve belief, and the terms, still hold as they were concluded.
    What is known of workers goes on as in `OnlineChoices`. With `learns=False` the verdicts are
    those of the same terms and habits on all answers so far. See `docs/truth/surprising.md`.

    Parameters
    ----------
    surprise : Surprise
        The last conclusion.
    answers : Answers
        Its answers.
    predictions : (n_answers, n_labels) float64
        Its predictions.
    gold_label : (n_tasks,) int32, optional
        Known labels of those tasks, -1 where unknown.
    learns : bool
        Whether answers tell of their workers.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other.

    Notes
    -----
    Source: see `OnlineChoices`.
    """

    def __init__(
        self,
        surprise: Surprise,
        answers: Answers,
        predictions: Floats,
        *,
        gold_label: Ints | None = None,
        learns: bool = True,
    ) -> None:
        self._known = OnlineChoices(
            surprise.by_votes, answers, gold_label=gold_label, learns=learns
        )
        check_predictions(predictions, answers)
        self._terms = surprise.terms if surprise.believes_surprising else None
        votes, sums, n_told = _surprise.count(answers, _surprise.complete(predictions))
        self._votes, self._sums, self._n_told = list(votes), list(sums), n_told.tolist()
        none = np.full(answers.n_tasks, NO_LABEL, np.int32)
        self._gold = (none if gold_label is None else gold_label).tolist()

    def add(
        self, *, task: int, worker: int, label: int, prediction: Floats | None = None
    ) -> Floats:
        """Take one more answer and return its task's probabilities.

        Parameters
        ----------
        task, worker : int
            Known ones, or the next number for a new one.
        label : int
            The answer.
        prediction : (n_labels,) float64, optional
            The shares that its worker expects, nan where not said.

        Returns
        -------
        (n_labels,) float64
            The task's probabilities.

        Raises
        ------
        BadAnswers
            If a number is not known and not the next one, or a share is not from 0 to 1.
        """
        told = self._told(prediction)
        self._known.add(task=task, worker=worker, label=label)
        if task == len(self._votes):
            n_labels = len(told)
            self._votes.append(np.zeros(n_labels))
            self._sums.append(np.zeros(n_labels))
            self._n_told.append(0.0)
            self._gold.append(NO_LABEL)
        self._votes[task][label] += 1.0
        if not np.isnan(told[0]):
            self._sums[task] += told
            self._n_told[task] += 1.0
        return self.probability(task)

    def probability(self, task: int) -> Floats:
        """Return a task's probabilities.

        Parameters
        ----------
        task : int
            A known task.

        Returns
        -------
        (n_labels,) float64
            They sum to 1.
        """
        known = self._known.probability(task)
        if self._terms is None:
            return known
        votes = self._votes[task]
        predicted = _surprise.predicted_shares(self._sums[task], np.array(self._n_told[task]))
        expected = _surprise.expected_shares(predicted, self._terms.lean)
        logs = _surprise.surprises(votes, expected, self._terms.n_expected)
        odds = _surprise.log_odds(logs, known, votes, self._terms)
        gold = np.array([self._gold[task]], np.int32)
        found: Floats = clamp(_surprise.chances(odds)[None], gold)[0]
        return found

    def _told(self, prediction: Floats | None) -> Floats:
        n_labels = self._known.habits.n_labels
        row = np.full(n_labels, np.nan) if prediction is None else prediction
        one = np.zeros(1, np.int32)
        check_predictions(np.atleast_2d(row), Answers(one, one, one, 1, 1, n_labels))
        told: Floats = _surprise.complete(row[None])[0]
        return told
