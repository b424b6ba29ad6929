"""How near numbers come to the truth on recorded crowds, and how often intervals cover it.

Seven crowds rated feelings on sliders, whose ends are given; three estimated quantities, whose
errors are taken in logarithms. Ratios are RMSE to the best of mean, median and trimmed mean of
the same crowd; `rmse_ratio` is their mean and `coverage90` the pooled share of truths within the
intervals, both over the seven, by constants chosen leaving the crowd out, see
`_held_out_numbers.py`. `known_*` is with a fifth of the truths given and the rest scored, `open_*`
without the sliders' ends. wordsim's truth is on another scale than its answers, and num_emotion is
the seven stacked, so they are shown and averaged nowhere. sp_gk has predictions, which move
estimates where known values earn it. Run it by `dure bench truth-numeric`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

KNOWN_PART = 0.2
N_DRAWS = 20


def run() -> dict[str, float]:
    """Means over the crowds, then each crowd's."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _held_out_numbers import held_out
    from _recorded_numbers import AFFECT, ESTIMATES, load

    loaded = {name: load(name) for name in (*AFFECT, *ESTIMATES)}
    crowds = {name: _crowd(name, *one) for name, one in loaded.items()}
    held = held_out(crowds)
    usual = {name: crowd["score"](crowd["conclude"](None)) for name, crowd in crowds.items()}
    figures = {
        "rmse_ratio": _mean(held[name]["ratio"] for name in AFFECT),
        "coverage90": _mean(held[name]["coverage"] for name in AFFECT),
        "width": _mean(held[name]["width"] for name in AFFECT),
        "rmse_ratio_estimates": _mean(held[name]["ratio"] for name in ESTIMATES),
        "coverage90_estimates": _mean(held[name]["coverage"] for name in ESTIMATES),
        "width_estimates": _mean(held[name]["width"] for name in ESTIMATES),
        "rmse_ratio_as_shipped": _mean(usual[name][0] for name in AFFECT),
        "coverage90_as_shipped": _mean(usual[name][1] for name in AFFECT),
        "rmse_ratio_estimates_as_shipped": _mean(usual[name][0] for name in ESTIMATES),
    }
    for name in crowds:
        figures |= {f"{what}_{name}": value for what, value in held[name].items()}
    for name in (*crowds, "wordsim", "num_emotion"):
        figures |= _each(name, *(loaded[name] if name in loaded else load(name)))
    for what in ("known_ratio", "known_coverage", "open_ratio"):
        figures[what] = _mean(figures[f"{what}_{name}"] for name in AFFECT)
    return figures | _predicted()


def _crowd(name: str, coded: Any, truth: Any) -> dict[str, Any]:
    from _recorded_numbers import ENDS, ESTIMATES, rmse, usual_estimates

    from dure.truth import robust_mean

    low, high = ENDS.get(name, (None, None))
    best = min(rmse(name, one, truth) for one in usual_estimates(coded).values())

    def conclude(correlation: float | None) -> Any:
        more = {} if correlation is None else {"correlation": correlation}
        return robust_mean(coded.numbers, low=low, high=high, **more)

    def score(result: Any) -> tuple[float, float, float]:
        width = result.high - result.low
        if name in ESTIMATES:
            # Of logarithms: a factor.
            width = np.log(result.high / np.maximum(result.low, 1e-9))
        covered = (result.low <= truth) & (truth <= result.high)
        return (
            rmse(name, result.estimate, truth) / best,
            float(covered[~np.isnan(truth)].mean()),
            float(width.mean()),
        )

    return {
        "conclude": conclude,
        "score": score,
        "is_quantity": name in ESTIMATES,
        "n_tasks": len(truth),
    }


def _each(name: str, coded: Any, truth: Any) -> dict[str, float]:
    """One crowd's errors by each method, without its ends, and with some truths known."""
    from _recorded_numbers import ENDS, rmse, usual_estimates

    from dure.truth import robust_mean

    low, high = ENDS.get(name, (None, None))
    usual = {what: rmse(name, one, truth) for what, one in usual_estimates(coded).items()}
    ours = robust_mean(coded.numbers, low=low, high=high)
    opened = robust_mean(coded.numbers)
    figures = {f"rmse_{what}_{name}": value for what, value in usual.items()}
    figures[f"rmse_dure_{name}"] = rmse(name, ours.estimate, truth)
    figures[f"is_log_{name}"] = float(ours.scale == "log")
    figures[f"open_ratio_{name}"] = rmse(name, opened.estimate, truth) / min(usual.values())
    random = np.random.default_rng(0)
    ratios, covered = [], []
    for _ in range(N_DRAWS):
        known = random.random(len(truth)) < KNOWN_PART
        gold = np.where(known, truth, np.nan)
        result = robust_mean(coded.numbers, gold_value=gold, low=low, high=high)
        rest = np.where(known, np.nan, truth)
        ratios.append(rmse(name, result.estimate, rest) / rmse(name, ours.estimate, rest))
        inside = (result.low <= rest) & (rest <= result.high)
        covered.append(inside[~np.isnan(rest)].mean())
    figures[f"known_ratio_{name}"] = float(np.mean(ratios))
    figures[f"known_coverage_{name}"] = float(np.mean(covered))
    return figures


def _predicted() -> dict[str, float]:
    """The crowd with predictions: without them, with the pivot, and by what known values chose."""
    from _recorded_numbers import load_predicted

    from dure.truth import robust_mean

    coded, predicted, truth = load_predicted()
    task, value = coded.numbers.task_of_answer, coded.numbers.value_of_answer
    mean = np.bincount(task, weights=value) / np.bincount(task)

    def rmse(estimate: Any, rest: Any = truth) -> float:
        return float(np.sqrt(np.nanmean((estimate - rest) ** 2)))

    options: dict[str, Any] = {"low": 0.0, "high": 1.0, "predictions": predicted}
    plain = robust_mean(coded.numbers, **options)
    random = np.random.default_rng(0)
    ratios, used = [], []
    for _ in range(N_DRAWS):
        gold = np.where(random.permutation(len(truth)) < 20, truth, np.nan)
        rest = np.where(np.isnan(gold), truth, np.nan)
        known = robust_mean(coded.numbers, gold_value=gold, **options)
        untold = robust_mean(coded.numbers, gold_value=gold, low=0.0, high=1.0)
        ratios.append(rmse(known.estimate, rest) / rmse(untold.estimate, rest))
        used.append(known.crowd.pivot)
    return {
        "rmse_mean_sp_gk": rmse(mean),
        "rmse_dure_sp_gk": rmse(plain.estimate),
        "rmse_pivot_sp_gk": rmse(plain.pivot),
        "pivot_used_sp_gk": float(np.mean(used)),
        "pivot_ratio_sp_gk": float(np.mean(ratios)),
    }


def _mean(values: Any) -> float:
    return float(np.mean(list(values)))
