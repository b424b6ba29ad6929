"""Scores out of simulated rankings, beside those of choix on the same prior, and how long it takes.

500 rankings of 3 to 6 of 60 items by Plackett and Luce's model. With the prior's variance given
and all workers alike, our scores and choix's maximum a posteriori are the same thing: `apart` is
the largest difference. Then 40 workers of unequal precision, a quarter of whom answer at random:
`error_*` is 1 - the correlation of scores with the truth, over eight crowds; with
workers alike it is what choix would give. Peers are measured
where choix is installed (`uv pip install choix==0.4.1`). Run it by `dure bench truth-rankings`.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np

N_ITEMS, N_ANSWERS, N_WORKERS, N_CROWDS = 60, 500, 40, 8


def run() -> dict[str, float]:
    """Agreement with choix, errors with careless workers, and seconds."""
    from dure.truth import infer_rankings

    rankings, _ = _simulated(seed=0, careless=0.0, spread=0.0)
    infer_rankings(rankings)
    began = time.perf_counter()
    score = infer_rankings(rankings, score_variance=1.0).score
    figures = {"seconds_dure": time.perf_counter() - began}
    peer = _peer()
    if peer is not None:
        began = time.perf_counter()
        other = peer(rankings)
        figures["seconds_choix"] = time.perf_counter() - began
        figures["apart"] = float(np.abs(score - (other - other.mean())).max())
    errors: dict[str, list[float]] = {}
    for seed in range(N_CROWDS):
        crowd, truth = _simulated(seed=seed, careless=0.25, spread=0.4)
        found = {
            "dure": infer_rankings(crowd).score,
            "workers_alike": infer_rankings(crowd, score_variance=1.0).score,
        }
        for name, one in found.items():
            errors.setdefault(name, []).append(1.0 - float(np.corrcoef(one, truth)[0, 1]))
    return figures | {f"error_{name}": float(np.mean(one)) for name, one in errors.items()}


def _peer() -> Any:
    try:
        import choix
    except ImportError:
        return None

    def scores(rankings: Any) -> Any:
        bounds = rankings.starts.tolist()
        places = rankings.item_of_place.tolist()
        data = [tuple(places[a:b]) for a, b in itertools.pairwise(bounds)]
        # Its penalty is alpha times the squares; a variance of 1 is one half.
        return choix.opt_rankings(rankings.n_items, data, alpha=0.5)

    return scores


def _simulated(*, seed: int, careless: float, spread: float) -> tuple[Any, Any]:
    from dure.truth import Rankings

    random = np.random.default_rng(seed)
    score = random.normal(0.0, 1.0, N_ITEMS)
    precision = random.normal(1.0, spread, N_WORKERS) if spread else np.ones(N_WORKERS)
    precision[: int(careless * N_WORKERS)] = 0.0
    worker = random.integers(0, N_WORKERS, N_ANSWERS)
    lengths = random.integers(3, 7, N_ANSWERS)
    places = []
    for who, length in zip(worker, lengths, strict=True):
        items = random.choice(N_ITEMS, length, replace=False)
        said = precision[who] * score[items] + random.gumbel(size=length)
        places.extend(items[np.argsort(-said)])
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    rankings = Rankings(
        worker.astype(np.int32), starts, np.array(places, np.int32), N_ITEMS, N_WORKERS
    )
    return rankings, score
