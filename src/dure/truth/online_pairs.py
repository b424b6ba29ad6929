"""One more vote on two items at a time: what it says of them at once, without a fit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dure.truth import _laplacian as laplacian
from dure.truth._pair_votes import EXPERT_PRECISION, moments, put_in_order
from dure.truth._sums import OTHERS_MIN, summed
from dure.truth.habits_of_order import LEAN, PRECISION, TIE, PairHabits
from dure.truth.pair_chances import order_chances
from dure.truth.types import LEFT, RIGHT, SAME, Comparisons, Floats, Ranking
from dure.truth.validate import BadAnswers
from dure.truth.validate_order import check_comparisons, check_gold_comparisons

N_STEPS_MAX = 50
MOVED = 1e-11


class OnlinePairs:
    """Scores that take one more vote as it comes, from what a fit has learned.

    Assumes that the variances of the last fit still hold. A vote moves the items nearest to its
    two, through who was compared with whom, up to `n_items_max`; the rest is held still. Where
    all that is connected is no more than that and workers are kept still (`learns=False`), the
    result is that of the fit on all votes so far. Otherwise each vote also tells of its worker,
    at what is known of the two items just then. See `docs/truth/pairwise.md`.

    Parameters
    ----------
    ranking : Ranking
        The last fit, by `infer_pairs`.
    comparisons : Comparisons
        The votes of that fit.
    gold : Comparisons, optional
        The known sides of that fit.
    n_items_max : int
        How many items one vote moves at most.
    learns : bool
        Whether votes tell of their workers.

    Raises
    ------
    BadAnswers
        If the ranking is of another kind or does not fit the votes.

    Notes
    -----
    Source: none; each vote is a few of Newton's steps from where the last one ended.
    """

    def __init__(
        self,
        ranking: Ranking,
        comparisons: Comparisons,
        *,
        gold: Comparisons | None = None,
        n_items_max: int = 100,
        learns: bool = True,
    ) -> None:
        check_comparisons(comparisons)
        check_gold_comparisons(gold, comparisons)
        habits = ranking.habits
        if not isinstance(habits, PairHabits) or len(ranking.score) != comparisons.n_items:
            raise BadAnswers(
                f"Expected a fit of these comparisons, got one by {ranking.method} of "
                f"{len(ranking.score)} items; fit them with infer_pairs first."
            )
        self._habits, self._learns, self._n_items_max = habits, learns, n_items_max
        self._score: list[float] = ranking.score.tolist()
        self._workers: list[Floats] = list(habits.workers.copy())
        votes = put_in_order(comparisons, gold)
        pairs = list(zip(votes.first.tolist(), votes.second.tolist(), strict=True))
        apart = ranking.score[votes.first] - ranking.score[votes.second]
        extra = habits.differences.mean - apart
        self._extra = dict(zip(pairs, extra.tolist(), strict=True))
        self._votes: dict[tuple[int, int], list[tuple[float, int, float]]] = {}
        self._beside: list[set[int]] = [set() for _ in self._score]
        expert = votes.is_expert
        for pair, toward, worker, side, known in zip(
            votes.pair.tolist(), votes.toward.tolist(), votes.worker.tolist(),
            votes.side.tolist(), expert.tolist(), strict=True,
        ):  # fmt: skip
            self._hear(pairs[pair], toward, -1 if known else worker, side)

    def add(self, *, left: int, right: int, worker: int, side: int) -> Floats:
        """Take one more vote and return what is now known of its two items.

        Parameters
        ----------
        left, right, worker : int
            Known ones, or the next number for a new one; of two new items, the left is the next.
        side : int
            LEFT, RIGHT or SAME.

        Returns
        -------
        (3,) float64
            The chances that the left is more, that the right is, and that they are the same.

        Raises
        ------
        BadAnswers
            If a number is not known and not the next one, the items are one, or nobody said
            "same" in the fit; nothing is changed then.
        """
        n_items = len(self._score)
        for name, code, size in (
            ("left", left, n_items + 1),
            ("right", right, n_items + 1 + (left == n_items)),
            ("worker", worker, len(self._workers) + 1),
            ("side", side, SAME + 1),
        ):
            if not 0 <= code < size:
                raise BadAnswers(f"Expected a {name} from 0 to {size - 1}, got {code}.")
        if left == right:
            raise BadAnswers(f"Expected two different items, got item {left} on both sides.")
        if side == SAME and not self._habits.knows_ties:
            raise BadAnswers('Expected left or right, got "same", which nobody said; fit again.')
        for item in sorted((left, right)):
            if item == len(self._score):
                self._score.append(0.0)
                self._beside.append(set())
        if worker == len(self._workers):
            self._workers.append(self._habits.newcomer.copy())
        pair = (min(left, right), max(left, right))
        toward = 1.0 if left < right else -1.0
        self._extra.setdefault(pair, 0.0)
        said = 1.0 if side == LEFT else -1.0 if side == RIGHT else 0.0
        if self._learns:
            self._learn(pair, toward, worker, said)
        self._hear(pair, toward, worker, said)
        mean, variance = self._settle(pair)
        found: Floats = order_chances(
            np.array([toward * mean]), np.array([variance]), same_within=self._habits.same_within
        )[0]
        return found

    @property
    def score(self) -> Floats:
        """The scores by now.

        Returns
        -------
        (n_items,) float64
            A copy.
        """
        return np.array(self._score)

    def _hear(self, pair: tuple[int, int], toward: float, worker: int, side: float) -> None:
        self._votes.setdefault(pair, []).append((toward, worker, side))
        self._beside[pair[0]].add(pair[1])
        self._beside[pair[1]].add(pair[0])

    def _row(self, worker: int) -> tuple[float, float, float]:
        if worker < 0:
            return EXPERT_PRECISION, 0.0, 0.0
        row = self._workers[worker]
        tie = float(row[TIE]) if self._habits.knows_ties else -math.inf
        return float(row[PRECISION]), float(row[LEAN]), tie

    def _near(self, pair: tuple[int, int]) -> list[int]:
        """Return the items nearest to two, in a set order."""
        found = dict.fromkeys(pair)
        edge = list(pair)
        while edge and len(found) < self._n_items_max:
            further = sorted({one for item in edge for one in self._beside[item]} - found.keys())
            edge = further[: self._n_items_max - len(found)]
            found.update(dict.fromkeys(edge))
        return sorted(found)

    def _settle(self, asked: tuple[int, int]) -> tuple[float, float]:
        """Move what is near to where the votes have it; return the pair's mean and variance."""
        items = self._near(asked)
        place = {item: at for at, item in enumerate(items)}
        pairs = sorted({(min(a, b), max(a, b)) for a in items for b in self._beside[a]})
        near = _Near(self, items, place, pairs)
        for _ in range(N_STEPS_MAX):
            if near.step() <= MOVED:
                break
        for item, score in zip(items, near.score.tolist(), strict=True):
            self._score[item] = score
        self._extra.update(zip(pairs, near.extra.tolist(), strict=True))
        return near.known_of(pairs.index(asked))

    def _learn(self, pair: tuple[int, int], toward: float, worker: int, side: float) -> None:
        """Move the worker by one vote, each of his numbers by how surely it is known."""
        row = self._workers[worker]
        apart = self._score[pair[0]] - self._score[pair[1]] + self._extra[pair]
        precision, lean, tie = self._row(worker)
        told = moments(
            np.array([precision * toward * apart + lean]), np.array([tie]), np.array([side])
        )
        slope = float(told.lead_slope[0])
        known = float(told.lead_information[0])
        slopes = np.array([slope * toward * apart, slope, float(told.tie_slope[0])])
        information = np.array([known * apart**2, known, float(told.tie_information[0])])
        row[3:] = 1.0 / (1.0 / row[3:] + information)
        row[:3] += row[3:] * slopes


class _Near:
    """Newton's method on some items and the pairs that they are in; others are held still."""

    def __init__(
        self,
        whole: OnlinePairs,
        items: list[int],
        place: dict[int, int],
        pairs: list[tuple[int, int]],
    ) -> None:
        habits = whole._habits  # noqa: SLF001  the class's other half
        self._pair_variance, self._ridge = habits.pair_variance, 1.0 / habits.score_variance
        self.score = np.array([whole._score[item] for item in items])  # noqa: SLF001
        self.extra = np.array([whole._extra[pair] for pair in pairs])  # noqa: SLF001
        still = sorted({end for pair in pairs for end in pair} - place.keys())
        seats = place | {item: len(items) + at for at, item in enumerate(still)}
        self._still = np.array([whole._score[item] for item in still])  # noqa: SLF001
        ends = np.array([(seats[a], seats[b]) for a, b in pairs], np.int32).reshape(-1, 2)
        self._first, self._second = ends[:, 0].copy(), ends[:, 1].copy()
        rows = [
            (at, toward, *whole._row(worker), side)  # noqa: SLF001
            for at, pair in enumerate(pairs)
            for toward, worker, side in whole._votes[pair]  # noqa: SLF001
        ]
        table = np.array(rows, np.float64)
        self._pair: NDArray[np.int64] = table[:, 0].astype(np.int64)
        self._toward = table[:, 1] * table[:, 2]
        self._lean, self._tie, self._side = table[:, 3], table[:, 4], table[:, 5]

    def step(self) -> float:
        """Go one step and return how far the differences moved at most."""
        whole = np.concatenate([self.score, self._still])
        apart = whole[self._first] - whole[self._second] + self.extra
        push, information = self._observe(apart)
        damped = (information * apart + push) / (1.0 + information * self._pair_variance)
        graph = self._graph(information)
        size = len(whole)
        right = summed(self._first, damped, size) - summed(self._second, damped, size)
        matrix = graph.dense()
        free = len(self.score)
        right = right[:free] - matrix[:free, free:] @ self._still
        score = np.linalg.solve(matrix[:free, :free], right)
        after = np.concatenate([score, self._still])
        by_score = after[self._first] - after[self._second]
        extra = self._pair_variance * (damped - graph.weight * by_score)
        moved = float(np.abs(by_score + extra - apart).max())
        # Far out, where chances are flat, a whole step would overshoot.
        part = min(1.0, 2.0 / moved) if moved > 0 else 1.0
        self.score = self.score + part * (score - self.score)
        self.extra = self.extra + part * (extra - self.extra)
        return moved

    def known_of(self, asked: int) -> tuple[float, float]:
        """Return the mean and variance of one pair's difference."""
        whole = np.concatenate([self.score, self._still])
        apart = whole[self._first] - whole[self._second] + self.extra
        _, information = self._observe(apart)
        graph = self._graph(information)
        free = len(self.score)
        ends = np.zeros(free)
        ends[self._first[asked]], ends[self._second[asked]] = 1.0, -1.0
        between = float(ends @ np.linalg.solve(graph.dense()[:free, :free], ends))
        others = between / max(1.0 - graph.weight[asked] * between, OTHERS_MIN)
        before = others + self._pair_variance
        return float(apart[asked]), 1.0 / (1.0 / before + float(information[asked]))

    def _observe(self, apart: Floats) -> tuple[Floats, Floats]:
        told = moments(self._toward * apart[self._pair] + self._lean, self._tie, self._side)
        n_pairs = len(apart)
        push = summed(self._pair, self._toward * told.lead_slope, n_pairs)
        return push, summed(self._pair, self._toward**2 * told.lead_information, n_pairs)

    def _graph(self, information: Floats) -> laplacian.Graph:
        weight = information / (1.0 + information * self._pair_variance)
        size = len(self.score) + len(self._still)
        return laplacian.Graph(self._first, self._second, weight, self._ridge, size)
