"""One more set at a time: the task's verdict at once, without a fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth._set_rows import check_sets
from dure.truth.set_chances import tell_sets, temper, vote_shares, word_weights
from dure.truth.types import Floats, SetPosterior, Sets
from dure.truth.validate import BadAnswers

# What is kept of a task: the sums of what was said, of its sizes, the largest size, and the votes.
SAID, LOUD, MOST, VOTES = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class SetVerdict:
    """One task's verdict: each label's chance, the likeliest set and its probability."""

    probability: Floats
    chosen: NDArray[np.bool_]
    sureness: float


class OnlineSets:
    """Verdicts that take one more answer as it comes, from what a fit has learned.

    Assumes that what the last fit learned of the crowd still holds. While what is known of workers
    is kept still (`learns=False`), its verdicts are those of the same habits on all answers so
    far; otherwise each answer also tells of its worker, at what its task's verdict is just then.
    An answer takes the same time however many there are. See `docs/truth/multi_label.md`.

    Parameters
    ----------
    posterior : SetPosterior
        The last fit.
    sets : Sets
        The answers of that fit.
    gold_set : (n_tasks, n_labels) int8, optional
        Known sets of those tasks, rows of -1 where unknown.
    learns : bool
        Whether answers tell of their workers.

    Raises
    ------
    BadAnswers
        If the posterior does not fit the answers.

    Notes
    -----
    Source: incremental EM, R. M. Neal and G. E. Hinton, A view of the EM algorithm that justifies
    incremental, sparse, and other variants, 1998.
    """

    def __init__(
        self,
        posterior: SetPosterior,
        sets: Sets,
        *,
        gold_set: NDArray[np.int8] | None = None,
        learns: bool = True,
    ) -> None:
        self._shared = posterior.shared
        check_sets(sets, gold_set, least=self._shared.least, most=self._shared.most)
        shape = (sets.n_workers, 4 * sets.n_labels)
        if posterior.habits.shape != shape or len(posterior.chosen) != sets.n_tasks:
            raise BadAnswers(
                f"Expected a fit of these answers, with habits of shape {shape}, got one of "
                f"{posterior.habits.shape}; fit these answers first."
            )
        self._learns = learns
        self._believed = [row.reshape(2, 2, -1).copy() for row in posterior.habits]
        self._heard = list(np.zeros((sets.n_tasks, 4, sets.n_labels)))
        self._n_answers = [0] * sets.n_tasks
        self._gold: list[NDArray[np.int8] | None] = [None] * sets.n_tasks
        if gold_set is not None:
            for task in np.flatnonzero(gold_set[:, 0] >= 0).tolist():
                self._gold[task] = gold_set[task]
        for task, worker, chosen in zip(
            sets.task_of_answer.tolist(), sets.worker_of_answer.tolist(), sets.chosen, strict=True
        ):
            self._hear(task, worker, chosen)

    def add(self, *, task: int, worker: int, chosen: NDArray[np.bool_]) -> SetVerdict:
        """Take one more answer and return its task's verdict.

        Parameters
        ----------
        task, worker : int
            Known ones, or the next number for a new one.
        chosen : (n_labels,) bool
            The answer.

        Returns
        -------
        SetVerdict
            As `infer_sets` would conclude with the same habits.

        Raises
        ------
        BadAnswers
            If a number is not known and not the next one, or the answer has another form; nothing
            is changed then.
        """
        for name, code, size in (
            ("task", task, len(self._heard) + 1),
            ("worker", worker, len(self._believed) + 1),
        ):
            if not 0 <= code < size:
                raise BadAnswers(f"Expected a {name} from 0 to {size - 1}, got {code}.")
        if chosen.dtype != np.bool_ or chosen.shape != (self._shared.n_labels,):
            raise BadAnswers(
                f"Expected chosen to be a bool array of shape ({self._shared.n_labels},), got "
                f"{chosen.dtype} of shape {chosen.shape}."
            )
        if task == len(self._heard):
            self._heard.append(np.zeros((4, self._shared.n_labels)))
            self._n_answers.append(0)
            self._gold.append(None)
        if worker == len(self._believed):
            self._believed.append(self._shared.newcomer.reshape(2, 2, -1).copy())
        self._hear(task, worker, chosen)
        verdict = self.verdict(task)
        if self._learns:
            self._learn(task, worker, chosen, verdict)
        return verdict

    def verdict(self, task: int) -> SetVerdict:
        """Return a task's verdict.

        Parameters
        ----------
        task : int
            A known task.

        Returns
        -------
        SetVerdict
            What is known for certain where the set is.
        """
        gold = self._gold[task]
        if gold is not None:
            return SetVerdict(gold.astype(np.float64), gold > 0, 1.0)
        said, loud, most, votes = self._heard[task][:, None, :]
        evidence = said * temper(said, loud, most, self._shared)
        n_answers = np.array([float(self._n_answers[task])])
        shares = vote_shares(votes, n_answers, self._shared)
        probability, chosen, sureness = tell_sets(evidence, shares, self._shared)
        return SetVerdict(probability[0], chosen[0], float(sureness[0]))

    @property
    def habits(self) -> Floats:
        """What is known of workers by now.

        Returns
        -------
        (n_workers, 4 * n_labels) float64
            A copy, in the form of `SetPosterior.habits`.
        """
        flat = 4 * self._shared.n_labels
        return np.array(self._believed, dtype=np.float64).reshape(len(self._believed), flat)

    def _hear(self, task: int, worker: int, chosen: NDArray[np.bool_]) -> None:
        n_labels = self._shared.n_labels
        weights = word_weights(self._believed[worker].reshape(1, -1), n_labels=n_labels)[0]
        said = np.where(chosen, weights[1], weights[0])
        heard = self._heard[task]
        heard[SAID] += said
        heard[LOUD] += np.abs(said)
        np.maximum(heard[MOST], np.abs(said), out=heard[MOST])
        heard[VOTES] += chosen
        self._n_answers[task] += 1

    def _learn(
        self, task: int, worker: int, chosen: NDArray[np.bool_], verdict: SetVerdict
    ) -> None:
        """Count the answer as a fit does: without the part where it agrees with itself."""
        part = 1.0 if self._gold[task] is not None else 1.0 - 1.0 / self._n_answers[task]
        believed, labels = self._believed[worker], np.arange(self._shared.n_labels)
        given = chosen.astype(np.intp)
        believed[given, 1, labels] += part * verdict.probability
        believed[given, 0, labels] += part * (1.0 - verdict.probability)
