"""How well stated probabilities hold, on fifteen recorded crowds, beside published methods.

As `truth-accuracy`, for log loss, Brier score and the calibration error of the top label in ten
bins; then with known labels: 30 and 100 tasks, drawn twenty times, the rest scored with and
without them. Run it by `dure bench truth-calibration`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

N_GOLD = (30, 100)
N_DRAWS = 20


def run() -> dict[str, float]:
    """`logloss` and `ece` held out, `sets_worse_than_ds`; then each crowd's; then with gold."""
    sys.path.insert(0, str(Path(__file__).parent))
    from truth_accuracy import measure, summary

    table = measure()
    figures = {"logloss": 0.0, "ece": 0.0}
    for column, what in ((1, "logloss"), (2, "brier"), (3, "ece")):
        figures |= summary(table, column, what)
    if "DawidSkene" in table:
        worse = table["dure"][:, 1] > table["DawidSkene"][:, 1]
        figures["sets_worse_than_ds"] = float(worse.sum())
    return figures | _with_gold()


def _with_gold() -> dict[str, float]:
    from _recorded import CATEGORICAL, load

    figures = {}
    crowds = [load(name) for name in CATEGORICAL]
    for n_gold in N_GOLD:
        scores = np.array([_told_and_alone(*crowd, n_gold) for crowd in crowds])
        for at, who in enumerate(("without_gold", "with_gold")):
            figures[f"logloss_{who}_{n_gold}"] = float(scores[:, at, 0].mean())
            figures[f"ece_{who}_{n_gold}"] = float(scores[:, at, 1].mean())
            figures[f"accuracy_{who}_{n_gold}"] = float(scores[:, at, 2].mean())
        worse = scores[:, 1, 0] > scores[:, 0, 0]
        figures[f"sets_worse_with_gold_{n_gold}"] = float(worse.sum())
    return figures


def _told_and_alone(coded: Any, truth: Any, n_gold: int) -> Any:
    """Mean log loss, calibration error and accuracy on the rest, without gold and with it."""
    from dure.truth import infer, score_labels

    random = np.random.default_rng(n_gold)
    known = np.flatnonzero(truth >= 0)
    alone = infer(coded.answers)
    scores = []
    for _ in range(N_DRAWS):
        told = np.full(len(truth), -1, np.int32)
        chosen = random.choice(known, min(n_gold, len(known) // 2), replace=False)
        told[chosen] = truth[chosen]
        rest = np.where(told == -1, truth, -1).astype(np.int32)
        informed = infer(coded.answers, gold_label=told)
        pair = [score_labels(one.probability, rest) for one in (alone, informed)]
        scores.append([(one.log_loss, one.calibration_error, one.accuracy) for one in pair])
    return np.mean(scores, axis=0)
