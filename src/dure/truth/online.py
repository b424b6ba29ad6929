"""One more answer at a time: the task's verdict at once, without a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dure.truth._kernels import fold, hold
from dure.truth._rows import group_by_task
from dure.truth.chances import divisors, log_chances
from dure.truth.types import NO_LABEL, Answers, Floats, Habits, Ints, Posterior
from dure.truth.validate import BadAnswers, check_answers, check_gold_labels


class OnlineChoices:
    """Verdicts that take one more answer as it comes, from what a fit has learned.

    Assumes that the prevalence, the correlation and the sharpness of the last fit still hold.
    While what is known of workers is kept still (`learns=False`), its verdicts are those of
    `conclude` on all answers so far; otherwise each answer also tells of its worker, at what its
    task's verdict is just then, which a refit would tell from the end. An answer takes time
    proportional to the number of labels, and to the task's answers too where it changes which
    label is likeliest. See `docs/truth/online.md`.

    Parameters
    ----------
    posterior : Posterior
        The last fit, with habits.
    answers : Answers
        The answers of that fit.
    gold_label : (n_tasks,) int32, optional
        Known labels of those tasks, -1 where unknown.
    learns : bool
        Whether answers tell of their workers.

    Raises
    ------
    BadAnswers
        If the posterior has no habits or does not fit the answers.

    Notes
    -----
    Source: incremental EM, R. M. Neal and G. E. Hinton, A view of the EM algorithm that justifies
    incremental, sparse, and other variants, 1998.
    """

    def __init__(
        self,
        posterior: Posterior,
        answers: Answers,
        *,
        gold_label: Ints | None = None,
        learns: bool = True,
    ) -> None:
        check_answers(answers)
        check_gold_labels(gold_label, n_tasks=answers.n_tasks, n_labels=answers.n_labels)
        if posterior.habits is None or posterior.habits.n_labels != answers.n_labels:
            raise BadAnswers(
                f"Expected a fit of these answers that learned habits, got one of "
                f"{posterior.method}; fit them by another method first."
            )
        self._habits = posterior.habits
        self._learns = learns
        believed, newcomer = posterior.habits.concentration, posterior.habits.newcomer
        self._believed = _Growing(believed, newcomer)
        self._totals = _Growing(believed.sum(axis=1), newcomer.sum(axis=0))
        rows = group_by_task(answers, gold_label)
        log_prevalence = np.log(posterior.habits.prevalence)
        self._logs = _Growing(np.tile(log_prevalence, (rows.n_tasks, 1)), log_prevalence)
        votes = np.full(answers.n_labels, posterior.habits.vote_smoothing)
        self._votes = _Growing(np.tile(votes, (rows.n_tasks, 1)), votes)
        self._gold = rows.gold.tolist() or [NO_LABEL] * rows.n_tasks
        self._given: list[list[Floats]] = [[] for _ in range(rows.n_tasks)]
        self._leads: list[_Lead | None] = [None] * rows.n_tasks
        bounds = rows.starts.tolist()
        for task in range(rows.n_tasks):
            for row in range(bounds[task], bounds[task + 1]):
                label = int(rows.label_of_answer[row])
                self._hear(task, label, self._says(int(rows.worker_of_answer[row]), label))

    def add(self, *, task: int, worker: int, label: int) -> Floats:
        """Take one more answer and return its task's probabilities.

        Parameters
        ----------
        task, worker : int
            Known ones, or the next number for a new one.
        label : int
            The answer.

        Returns
        -------
        (n_labels,) float64
            The task's probabilities, as `probability` gives them.

        Raises
        ------
        BadAnswers
            If a number is not known and not the next one; nothing is changed then.
        """
        n_labels = self._habits.n_labels
        for name, code, size in (
            ("task", task, len(self._given) + 1),
            ("worker", worker, len(self._believed) + 1),
            ("label", label, n_labels),
        ):
            if not 0 <= code < size:
                raise BadAnswers(f"Expected a {name} from 0 to {size - 1}, got {code}.")
        if task == len(self._given):
            self._given.append([])
            self._leads.append(None)
            self._gold.append(NO_LABEL)
            self._logs.grow()
            self._votes.grow()
        if worker == len(self._believed):
            self._believed.grow()
            self._totals.grow()
        self._hear(task, label, self._says(worker, label))
        if self._learns:
            self._learn(task, worker, label)
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
        habits = self._habits
        logs = self._logs[task]
        lead = self._leads[task] or _Lead(logs, np.log(habits.prevalence), [])
        divisor = divisors(lead.said, lead.most, correlation=habits.correlation)
        row = np.exp((logs - logs[lead.best]) * habits.sharpness / divisor)
        chances = np.empty(habits.n_labels)
        fold(row / row.sum(), chances)
        votes = self._votes[task]
        chances *= 1.0 - habits.vote_weight
        chances += habits.vote_weight * votes / votes.sum()
        hold(chances, self._gold[task], habits.n_labels)
        return chances

    @property
    def habits(self) -> Habits:
        """What is known of workers by now.

        Returns
        -------
        Habits
            A copy, which later answers don't change.
        """
        return replace(self._habits, concentration=self._believed.rows.copy())

    def _says(self, worker: int, label: int) -> Floats:
        """Return what this answer adds to the log of each state."""
        believed = self._believed[worker]
        if believed.ndim == 2:
            says: Floats = np.log(believed[label]) - np.log(self._totals[worker])
            return says
        says = np.zeros(self._habits.n_labels)
        says[label] = log_chances(believed[None], n_labels=self._habits.n_labels)[1][0]
        return says

    def _hear(self, task: int, label: int, says: Floats) -> None:
        logs = self._logs[task]
        logs += says
        self._given[task].append(says)
        self._votes[task][label] += 1.0
        lead = self._leads[task]
        if lead is not None and logs[lead.best] >= logs.max():
            lead.hear(says)
        else:
            self._leads[task] = _Lead(logs, np.log(self._habits.prevalence), self._given[task])

    def _learn(self, task: int, worker: int, label: int) -> None:
        logs = self._logs[task]
        row = np.exp(logs - logs.max())
        row /= row.sum()
        hold(row, self._gold[task], self._habits.n_labels)
        believed = self._believed[worker]
        if believed.ndim == 2:
            believed[label] += row
            self._totals[worker] += row
        else:
            believed += np.array([row[label], 1.0 - row[label]])


class _Lead:
    """The likeliest state of a task, and what the answers say between it and each other."""

    __slots__ = ("best", "most", "said")

    def __init__(self, logs: Floats, log_prevalence: Floats, heard: list[Floats]) -> None:
        self.best = int(logs.argmax())
        self.said = np.abs(log_prevalence[self.best] - log_prevalence)
        self.most = self.said.copy()
        for says in heard:
            self.hear(says)

    def hear(self, says: Floats) -> None:
        one = np.abs(says[self.best] - says)
        self.said += one
        np.maximum(self.most, one, out=self.most)


class _Growing:
    """Rows of one shape to which more can be added without copying all each time."""

    def __init__(self, rows: Floats, newcomer: Floats) -> None:
        self._room = rows.copy()
        self._n_rows = len(rows)
        self._newcomer = newcomer

    def __len__(self) -> int:
        return self._n_rows

    def __getitem__(self, row: int) -> Floats:
        found: Floats = self._room[row]
        return found

    def __setitem__(self, row: int, values: Floats) -> None:
        self._room[row] = values

    @property
    def rows(self) -> Floats:
        return self._room[: self._n_rows]

    def grow(self) -> None:
        if self._n_rows == len(self._room):
            more = np.empty((max(16, self._n_rows), *self._newcomer.shape))
            self._room = np.concatenate([self._room, more])
        self._room[self._n_rows] = self._newcomer
        self._n_rows += 1
