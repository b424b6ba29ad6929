"""One more ranking at a time: the scores of its items at once, without a fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dure.truth import _plackett_luce as luce
from dure.truth import _rank_fit as fitting
from dure.truth._orders import Orders, put_in_order
from dure.truth._pair_votes import EXPERT_PRECISION
from dure.truth.habits_of_order import PRECISION, RankHabits
from dure.truth.types import Floats, Ranking, Rankings
from dure.truth.validate import BadAnswers
from dure.truth.validate_order import check_gold_rankings, check_rankings

N_STEPS_MAX = 50
MOVED = 1e-11
EXPERT = -1


class OnlineRankings:
    """Scores that take one more ranking as it comes, from what a fit has learned.

    Assumes that the variances of the last fit still hold. An answer moves the items nearest to
    its own, through who was ranked with whom, up to `n_items_max`; the rest is held still. Where
    all that is connected is no more than that and workers are kept still (`learns=False`), the
    result is that of the fit on all answers so far. Otherwise each answer also tells of its
    worker, at what is known of its items just then. See `docs/truth/rankings.md`.

    Parameters
    ----------
    ranking : Ranking
        The last fit, by `infer_rankings`.
    rankings : Rankings
        The answers of that fit.
    gold : Rankings, optional
        The known orders of that fit.
    n_items_max : int
        How many items one answer moves at most, beside its own.
    learns : bool
        Whether answers tell of their workers.

    Raises
    ------
    BadAnswers
        If the ranking is of another kind or does not fit the answers.

    Notes
    -----
    Source: none; each answer is a few of Newton's steps from where the last one ended.
    """

    def __init__(
        self,
        ranking: Ranking,
        rankings: Rankings,
        *,
        gold: Rankings | None = None,
        n_items_max: int = 100,
        learns: bool = True,
    ) -> None:
        check_rankings(rankings)
        check_gold_rankings(gold, rankings)
        habits = ranking.habits
        if not isinstance(habits, RankHabits) or len(ranking.score) != rankings.n_items:
            raise BadAnswers(
                f"Expected a fit of these rankings, got one by {ranking.method} of "
                f"{len(ranking.score)} items; fit them with infer_rankings first."
            )
        self._habits, self._learns, self._n_items_max = habits, learns, n_items_max
        self._score: list[float] = ranking.score.tolist()
        self._precision: list[float] = habits.workers[:, PRECISION].tolist()
        self._variance: list[float] = habits.workers[:, 1].tolist()
        self._answers: list[tuple[int, list[int]]] = []
        self._answers_of: list[list[int]] = [[] for _ in self._score]
        for part in (rankings, gold):
            if part is not None:
                bounds, places = part.starts.tolist(), part.item_of_place.tolist()
                for at, worker in enumerate(part.worker_of_answer.tolist()):
                    who = worker if part is rankings else EXPERT
                    self._hear(who, places[bounds[at] : bounds[at + 1]])

    def add(self, *, items: Sequence[int], worker: int) -> Floats:
        """Take one more answer and return the scores of its items.

        Parameters
        ----------
        items : sequence of int
            The first one first; known ones, or the next numbers for new ones.
        worker : int
            A known one, or the next number for a new one.

        Returns
        -------
        (len(items),) float64
            The scores, in the order of `items`.

        Raises
        ------
        BadAnswers
            If a number is not known and not the next one, or an item stands twice; nothing is
            changed then.
        """
        size = len(self._score)
        fresh = sorted({item for item in items if item >= size})
        if len(set(items)) < len(items):
            raise BadAnswers(f"Expected each item once, got {list(items)}.")
        if fresh != list(range(size, size + len(fresh))) or min(items, default=0) < 0:
            raise BadAnswers(
                f"Expected items from 0 to {size - 1}, and new ones from {size} on; "
                f"got {list(items)}."
            )
        if not 0 <= worker <= len(self._precision):
            raise BadAnswers(f"Expected a worker from 0 to {len(self._precision)}, got {worker}.")
        for _ in fresh:
            self._score.append(0.0)
            self._answers_of.append([])
        if worker == len(self._precision):
            self._precision.append(1.0)
            self._variance.append(float(self._habits.newcomer[1]))
        if self._learns and len(items) > 1:
            self._learn(worker, list(items))
        self._hear(worker, list(items))
        self._settle(list(items))
        return np.array([self._score[item] for item in items])

    @property
    def score(self) -> Floats:
        """The scores by now.

        Returns
        -------
        (n_items,) float64
            A copy.
        """
        return np.array(self._score)

    def _hear(self, worker: int, items: list[int]) -> None:
        for item in items:
            self._answers_of[item].append(len(self._answers))
        self._answers.append((worker, items))

    def _near(self, items: list[int]) -> list[int]:
        """Return the answer's items and those nearest to them, in a set order."""
        found = dict.fromkeys(items)
        edge, most = items, len(items) + self._n_items_max
        while edge and len(found) < most:
            answers = {answer for item in edge for answer in self._answers_of[item]}
            beside = {one for answer in answers for one in self._answers[answer][1]}
            edge = sorted(beside - found.keys())[: most - len(found)]
            found.update(dict.fromkeys(edge))
        return sorted(found)

    def _settle(self, items: list[int]) -> None:
        """Move what is near to where the answers have it."""
        near = self._near(items)
        answers = sorted({answer for item in near for answer in self._answers_of[item]})
        heard = [self._answers[answer] for answer in answers]
        still = sorted({item for _, given in heard for item in given} - set(near))
        place = {item: at for at, item in enumerate([*near, *still])}
        workers = sorted({worker for worker, _ in heard})
        code = {worker: at for at, worker in enumerate(workers)}
        orders = put_in_order(
            Rankings(
                np.array([code[worker] for worker, _ in heard], np.int32),
                np.cumsum([0, *(len(given) for _, given in heard)]).astype(np.int64),
                np.array([place[item] for _, given in heard for item in given], np.int32),
                n_items=len(place),
                n_workers=len(workers),
            ),
            None,
        )
        own = [EXPERT_PRECISION if one == EXPERT else self._precision[one] for one in workers]
        state = fitting.State(
            score=np.array([self._score[item] for item in place]),
            doubt=np.zeros(len(place)),
            own=np.array(own),
            own_variance=np.zeros(len(workers)),
            score_variance=self._habits.score_variance,
            worker_variance=1.0,
        )
        score = _settled(orders, state, n_free=len(near))
        for item, one in zip(near, score.tolist(), strict=True):
            self._score[item] = one

    def _learn(self, worker: int, items: list[int]) -> None:
        """Move the worker's precision by one answer."""
        precision = np.array([self._precision[worker]])
        score = np.array([self._score[item] for item in items])
        item = np.arange(len(items), dtype=np.int32)[None, :]
        told = luce.choices(item, precision, score)
        slope, known = luce.of_precision(item, precision, score, np.zeros(len(items)), told)
        self._variance[worker] = 1.0 / (1.0 / self._variance[worker] + float(known[0]))
        self._precision[worker] += self._variance[worker] * float(slope[0])


def _settled(orders: Orders, state: fitting.State, *, n_free: int) -> Floats:
    """Return the first `n_free` scores where the answers have them, the rest held still."""
    score = state.score
    for _ in range(N_STEPS_MAX):
        now = fitting.State(
            score, state.doubt, state.own, state.own_variance, state.score_variance, 1.0
        )
        pull, tied, _ = fitting.observe(orders, now)
        matrix = fitting.graph_of(orders, tied, state.score_variance).dense()[:n_free, :n_free]
        change = np.linalg.solve(matrix, (pull - score / state.score_variance)[:n_free])
        moved = float(np.abs(change).max())
        # Far out, where chances are flat, a whole step would overshoot.
        part = min(1.0, 1.0 / moved) if moved > 0 else 1.0
        score = np.concatenate([score[:n_free] + part * change, score[n_free:]])
        if moved <= MOVED:
            break
    return score[:n_free]
