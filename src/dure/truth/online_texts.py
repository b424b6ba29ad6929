"""One more text at a time: the task's verdict at once, without a fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dure.truth._text_task import cluster_task
from dure.truth.normal_text import normalise
from dure.truth.spellings import best_spelling
from dure.truth.text_checks import check_gold_texts, check_texts
from dure.truth.text_habits import (
    Clusters,
    TextHabits,
    chances,
    conclude_clusters,
    log_odds_against_none,
    say,
)
from dure.truth.types import Floats, TextPosterior, Texts
from dure.truth.validate import BadAnswers


@dataclass(frozen=True, slots=True, eq=False)
class TextVerdict:
    """The texts of one task as `TextPosterior` has them; `best` is -1 without answers."""

    spelling: tuple[str, ...]
    probability: Floats
    share: Floats
    best: int
    n_answers: int


class OnlineTexts:
    """Verdicts that take one more text as it comes, from what a fit has learned.

    Assumes that how near spellings lie, how wrong texts spread and which words are known still
    hold as in the last fit. While what is known of workers is kept still (`learns=False`), its
    verdicts are those of the fit's habits on all answers so far; otherwise each answer also tells
    of its worker, at what its task's verdict is just then. An answer takes time proportional to
    its task's answers, and for each new spelling to the texts there. See `docs/truth/text.md`.

    Parameters
    ----------
    posterior : TextPosterior
        The last fit.
    texts : Texts
        The answers of that fit.
    gold_text : (n_tasks,) text or None, optional
        Known texts of those tasks, None where unknown.
    learns : bool
        Whether answers tell of their workers.

    Raises
    ------
    BadAnswers
        If the posterior does not fit the answers.

    Notes
    -----
    Source: see `OnlineChoices`.
    """

    def __init__(
        self,
        posterior: TextPosterior,
        texts: Texts,
        *,
        gold_text: Sequence[str | None] | None = None,
        learns: bool = True,
    ) -> None:
        check_texts(texts)
        check_gold_texts(gold_text, n_tasks=texts.n_tasks)
        if len(posterior.habits.concentration) != texts.n_workers:
            raise BadAnswers(
                f"Expected a fit of these answers, of {texts.n_workers} workers, got one of "
                f"{len(posterior.habits.concentration)}; fit them first."
            )
        self._habits = posterior.habits
        self._learns = learns
        self._believed = [row.copy() for row in posterior.habits.concentration]
        self._gold = list(gold_text or [None] * texts.n_tasks)
        self._given: list[dict[int, str]] = [{} for _ in range(texts.n_tasks)]
        for task, worker, text in zip(
            texts.task_of_answer.tolist(),
            texts.worker_of_answer.tolist(),
            texts.text_of_answer,
            strict=True,
        ):
            self._given[task][worker] = text

    def add(self, *, task: int, worker: int, text: str) -> TextVerdict:
        """Take one more answer and return its task's verdict.

        Parameters
        ----------
        task, worker : int
            Known ones, or the next number for a new one.
        text : str
            The answer.

        Returns
        -------
        TextVerdict
            As `verdict` gives it.

        Raises
        ------
        BadAnswers
            If a number is not known and not the next one, or the worker has answered the task;
            nothing is changed then.
        """
        for name, code, size in (
            ("task", task, len(self._given) + 1),
            ("worker", worker, len(self._believed) + 1),
        ):
            if not 0 <= code < size:
                raise BadAnswers(f"Expected a {name} from 0 to {size - 1}, got {code}.")
        if task < len(self._given) and worker in self._given[task]:
            raise BadAnswers(
                f"Expected one answer for each task and worker, got a second of worker {worker} "
                f"to task {task}; leave it out."
            )
        if task == len(self._given):
            self._given.append({})
            self._gold.append(None)
        if worker == len(self._believed):
            self._believed.append(self._habits.newcomer.copy())
        self._given[task][worker] = text
        if self._learns:
            self._learn(task, worker)
        return self.verdict(task)

    def verdict(self, task: int) -> TextVerdict:
        """Return a task's verdict.

        Parameters
        ----------
        task : int
            A known task.

        Returns
        -------
        TextVerdict
            Its texts in the order in which a fit would number them.
        """
        workers, clusters = self._cluster(task)
        habits = self._of_task(workers)
        probability = conclude_clusters(habits, clusters)[0]
        texts = [self._given[task][worker] for worker in workers]
        reliability = (habits.concentration[:, 0] / habits.concentration.sum(axis=1)).tolist()
        spelt = []
        for cluster in range(len(clusters.task)):
            rows = np.flatnonzero(clusters.of_answer == cluster).tolist()
            if cluster == clusters.right[0]:
                spelt.append(self._gold[task] or "")
            else:
                spelt.append(
                    best_spelling(
                        [texts[row] for row in rows],
                        [reliability[row] for row in rows],
                        known=habits.known,
                        styles=habits.styles,
                    )
                )
        return TextVerdict(
            spelling=tuple(spelt),
            probability=probability,
            share=clusters.size / max(1, len(workers)),
            best=int(probability.argmax()) if probability.size else -1,
            n_answers=len(workers),
        )

    @property
    def habits(self) -> TextHabits:
        """What is known of workers by now.

        Returns
        -------
        TextHabits
            A copy, which later answers don't change.
        """
        believed = np.array(self._believed).reshape(-1, 2)
        return replace(self._habits, concentration=believed)

    def _cluster(self, task: int) -> tuple[list[int], Clusters]:
        """Return who answered a task and its clusters; a worker's code is his place among them."""
        given, gold = self._given[task], self._gold[task]
        workers = sorted(given)
        clusters, _ = cluster_task(
            [given[worker] for worker in workers],
            np.arange(len(workers), dtype=np.int32),
            habits=self._habits,
            right=None if gold is None else normalise(gold),
        )
        return workers, clusters

    def _of_task(self, workers: Sequence[int]) -> TextHabits:
        believed = np.array([self._believed[worker] for worker in workers]).reshape(-1, 2)
        return replace(self._habits, concentration=believed)

    def _learn(self, task: int, worker: int) -> None:
        workers, clusters = self._cluster(task)
        habits = self._of_task(workers)
        said = say(habits.concentration, clusters)
        # As in the rounds of a fit, not tempered.
        probability = chances(log_odds_against_none(said, clusters, spread=habits.spread), clusters)
        right = float(probability[clusters.of_answer[workers.index(worker)]])
        self._believed[worker] += np.array([right, 1.0 - right])
