"""How often the likeliest label is right, on fifteen recorded crowds, beside published methods.

What the engine does not learn from a call's own answers is chosen leaving the crowd out, see
`_held_out.py`; `accuracy` is that score. Peers are measured where crowd-kit is installed
(`uv pip install crowd-kit==1.4.2`); DURE_BENCH_PEERS=quick leaves the slowest out.
Run it by `dure bench truth-accuracy`; `truth-calibration` has the probabilities' side.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np


def run() -> dict[str, float]:
    """Means over the crowds, then each crowd's: Dure held out, its methods, and each peer."""
    table = measure()
    figures = summary(table, 0, "accuracy")
    gain = table["dure"][:, 0] - table["majority"][:, 0]
    figures["worst_vs_majority"] = float(gain.min())
    peers = [name for name in table if name[0].isupper()]
    if peers:
        best = max(table[name][:, 0].mean() for name in peers)
        figures["above_best_peer"] = figures["accuracy"] - float(best)
    for column, what in ((1, "logloss"), (3, "ece")):
        for name, scores in table.items():
            figures[f"mean_{what}_{name}"] = float(scores[:, column].mean())
    return figures


def measure() -> dict[str, Any]:
    """(n_crowds, 4) accuracy, log loss, Brier and calibration error of each method."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _held_out import held_out, scores_by_choice
    from _peers import conclude, peers
    from _recorded import CATEGORICAL, load

    from dure.truth import METHODS, infer, score_labels

    crowds = [load(name) for name in CATEGORICAL]
    table = {"dure": held_out(scores_by_choice(crowds)[1])[0]}
    ours = {name: (lambda coded, name=name: infer(coded.answers, method=name).probability)
            for name in METHODS}  # fmt: skip
    theirs = {name: (lambda coded, method=method: conclude(method, coded))
              for name, method in peers().items()}  # fmt: skip
    for name, method in (ours | theirs).items():
        rows = []
        for coded, truth in crowds:
            score = score_labels(method(coded), truth)
            rows.append((score.accuracy, score.log_loss, score.brier, score.calibration_error))
        table[name] = np.array(rows)
    return table


def summary(table: dict[str, Any], column: int, what: str) -> dict[str, float]:
    """One column of the table as figures by name: means first."""
    from _recorded import CATEGORICAL

    figures = {what: float(table["dure"][:, column].mean())}
    for method, scores in table.items():
        if method != "dure":
            figures[f"{what}_{method}"] = float(scores[:, column].mean())
    for at, crowd in enumerate(CATEGORICAL):
        for method, scores in table.items():
            figures[f"{what}_{crowd}_{method}"] = float(scores[at, column])
    return figures
