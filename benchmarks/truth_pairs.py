"""How well votes not seen yet are foretold, on a recorded crowd of comparisons.

pw_musicsim: which of two melodies is more like a third, or are they the same? An item is a melody
as compared with one query. The votes are cut into five parts; each part is foretold by a fit of
the others. `logloss` is that of the votes for a side alone, so that methods that know no ties can
be compared: ours is the chance of the side given that it is not "same". `logloss_threeway` counts
all votes. Peers are fitted to the votes for a side, with their own settings, and measured where
crowd-kit is installed (`uv pip install crowd-kit==1.4.2`). `coverage_*` is how often 90 % intervals
of scores and ranks hold the truth on crowds drawn from the model, as items x votes.
Run it by `dure bench truth-pairs`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

N_PARTS = 5
CHANCE_MIN = 1e-6
# Items, votes and workers of simulated crowds.
SIMULATED = ((20, 200, 10), (30, 600, 20), (100, 1000, 40), (60, 3000, 40))
N_CROWDS = 12


def run() -> dict[str, float]:
    """Log losses of held-out votes by method, and the seconds of all five fits."""
    sys.path.insert(0, str(Path(__file__).parent))
    votes = _votes()
    part = np.random.default_rng(0).permutation(len(votes.side_of_answer)) % N_PARTS
    losses: dict[str, list[Any]] = {}
    seconds: dict[str, float] = {}
    for held in range(N_PARTS):
        seen, unseen = _rows(votes, part != held), _rows(votes, part == held)
        for name, method in (_ours() | _peers()).items():
            began = time.perf_counter()
            chance = method(seen, unseen)
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - began
            for what, loss in _losses(chance, unseen.side_of_answer).items():
                losses.setdefault(f"{what}_{name}", []).append(loss)
    means = {name: float(np.concatenate(parts).mean()) for name, parts in losses.items()}
    figures = {"logloss": means["logloss_dure"], "logloss_threeway": means["threeway_dure"]}
    figures |= {name: mean for name, mean in means.items() if not np.isnan(mean)}
    figures |= {f"seconds_{name}": spent for name, spent in seconds.items()}
    return figures | _coverage()


def _coverage() -> dict[str, float]:
    from dure.truth import infer_pairs

    figures = {}
    for n_items, n_votes, n_workers in SIMULATED:
        found = []
        for seed in range(N_CROWDS):
            votes, truth = _simulated(n_items, n_votes, n_workers, seed=seed)
            result = infer_pairs(votes)
            place = (-truth).argsort().argsort() + 1
            found.append(
                (
                    ((result.low <= truth) & (truth <= result.high)).mean(),
                    ((result.rank_low <= place) & (place <= result.rank_high)).mean(),
                )
            )
        scores, ranks = np.mean(found, axis=0)
        figures[f"coverage_scores_{n_items}x{n_votes}"] = float(scores)
        figures[f"coverage_ranks_{n_items}x{n_votes}"] = float(ranks)
    return figures


def _simulated(n_items: int, n_votes: int, n_workers: int, *, seed: int) -> tuple[Any, Any]:
    """Votes of workers of unequal precision and lean; scores in units of the mean precision."""
    from dure.truth import Comparisons

    random = np.random.default_rng(seed)
    score = random.normal(0, 1, n_items)
    precision, lean = random.normal(1, 0.4, n_workers), random.normal(0.2, 0.3, n_workers)
    left = random.integers(0, n_items, n_votes)
    right = (left + random.integers(1, n_items, n_votes)) % n_items
    worker = random.integers(0, n_workers, n_votes)
    half = (precision[worker] * (score[left] - score[right]) + lean[worker]) / 2.0
    said = np.stack([half, -half, np.full(n_votes, -0.5)], axis=1)
    side = (said + random.gumbel(size=said.shape)).argmax(axis=1)
    codes = (one.astype(np.int32) for one in (left, right, worker, side))
    return Comparisons(*codes, n_items, n_workers), (score - score.mean()) * precision.mean()


def _losses(chance: Any, side: Any) -> dict[str, Any]:
    """Of votes for a side, and of all votes where "same" has a chance."""
    from dure.truth import SAME

    of_side = np.flatnonzero(side != SAME)
    given = chance[of_side, side[of_side]] / chance[of_side, :2].sum(axis=1)
    found = {"logloss": -np.log(np.clip(given, CHANCE_MIN, 1.0 - CHANCE_MIN))}
    if chance.shape[1] > 2:
        found["threeway"] = -np.log(np.clip(chance[np.arange(len(side)), side], CHANCE_MIN, 1.0))
    return found


def _ours() -> dict[str, Any]:
    return {"dure": _dure, "plain_bradley_terry": _plain, "rate": _rate}


def _dure(seen: Any, unseen: Any) -> Any:
    from dure.truth import chance_of, infer_pairs

    return chance_of(
        infer_pairs(seen), unseen.left_of_answer, unseen.right_of_answer,
        worker=unseen.worker_of_answer,
    )  # fmt: skip


def _plain(seen: Any, unseen: Any) -> Any:
    """Bradley and Terry's model with a prior of variance 1, all workers alike, sides only."""
    from dure.truth import SAME, Rankings, infer_rankings

    rows = np.flatnonzero(seen.side_of_answer != SAME)
    is_left = seen.side_of_answer[rows] == 0
    left, right = seen.left_of_answer[rows], seen.right_of_answer[rows]
    order = np.stack([np.where(is_left, left, right), np.where(is_left, right, left)], axis=1)
    nobody = np.zeros(len(rows), np.int32)
    starts = np.arange(0, 2 * len(rows) + 1, 2, dtype=np.int64)
    rankings = Rankings(nobody, starts, order.ravel().astype(np.int32), seen.n_items, 1)
    score = infer_rankings(rankings, score_variance=1.0).score
    lead = score[unseen.left_of_answer] - score[unseen.right_of_answer]
    return np.stack([1.0 / (1.0 + np.exp(-lead)), 1.0 / (1.0 + np.exp(lead))], axis=1)


def _rate(seen: Any, unseen: Any) -> Any:
    shares = np.bincount(seen.side_of_answer, minlength=3) / len(seen.side_of_answer)
    return np.tile(shares, (len(unseen.side_of_answer), 1))


def _peers() -> dict[str, Any]:
    try:
        import crowdkit.aggregation  # noqa: F401
    except ImportError:
        return {}
    return {"NoisyBradleyTerry": _noisy}


def _noisy(seen: Any, unseen: Any) -> Any:
    """What crowd-kit's model gives a vote: the scores' chance, or the worker's lean by his skill.

    A worker or an item that it has not seen is taken as its average.
    """
    import pandas
    from crowdkit.aggregation import NoisyBradleyTerry

    from dure.truth import SAME

    rows = np.flatnonzero(seen.side_of_answer != SAME)
    left, right = seen.left_of_answer[rows], seen.right_of_answer[rows]
    label = np.where(seen.side_of_answer[rows] == 0, left, right)
    worker = seen.worker_of_answer[rows]
    model = NoisyBradleyTerry().fit(
        pandas.DataFrame({"worker": worker, "left": left, "right": right, "label": label})
    )
    score = model.scores_.reindex(range(seen.n_items)).fillna(model.scores_.mean()).to_numpy()
    logit = np.log(score) - np.log1p(-score)
    lead = logit[unseen.left_of_answer] - logit[unseen.right_of_answer]
    skill, lean = (
        one.reindex(range(seen.n_workers)).fillna(one.mean()).to_numpy()[unseen.worker_of_answer]
        for one in (model.skills_, model.biases_)
    )
    chance = skill / (1.0 + np.exp(-lead)) + (1.0 - skill) * lean
    return np.stack([chance, 1.0 - chance], axis=1)


def _votes() -> Any:
    from _recorded import read_rows as rows_of

    from dure.truth import code_pairs

    side = {"a": "left", "b": "right", "s": "same"}
    items = {
        row["task"]: tuple(f"{row['query']} {row[end]}" for end in ("left", "right"))
        for row in rows_of("pw_musicsim", "tasks.csv")
    }
    rows = rows_of("pw_musicsim", "answers.csv")
    coded = code_pairs(
        [row["task"] for row in rows],
        [row["worker"] for row in rows],
        [side[row["answer"]] for row in rows],
        items=items,
    )
    return coded.comparisons


def _rows(votes: Any, kept: Any) -> Any:
    from dataclasses import replace

    names = ("left_of_answer", "right_of_answer", "worker_of_answer", "side_of_answer")
    return replace(votes, **{name: getattr(votes, name)[kept] for name in names})
