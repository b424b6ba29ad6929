"""Answers with predictions: errors of what is believed, beside the majority's, on four crowds.

prelec_1c, prelec_2, prelec_3 and sp_gk, each one call; a tied majority counts half an error. The
engine's constants are chosen leaving the crowd out, see `_predicted.py`; their form, and what is
tested, were thought of with all four at hand. `errors_ratio` is of the surprising or the popular
answers, whichever the test believes; `errors_ratio_labels` of the labels that are concluded, which
also heed who answers better; `errors_ratio_votes` of `infer` on the votes alone. `…_5` and `…_15`
are of crowds thinned to so many answers a task, `…_parts` with the five parts of sp_gk, from easy
to hard, as calls of their own. Run it by `dure bench truth-sp`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

PICKS = ("pick", "labels", "surprising", "votes")


def run() -> dict[str, float]:
    """Ratios of errors pooled over the crowds, log losses, and each crowd's."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _predicted import CROWDS, N_DRAWS, THINNED, choose, chosen, load, only, parts, thin

    choices, losses = choose()
    crowds = [load(name) for name in CROWDS]
    whole: list[dict[str, float]] = []
    thinned: dict[int, list[dict[str, float]]] = {n_each: [] for n_each in THINNED}
    in_parts: list[dict[str, float]] = []
    for at, name in enumerate(CROWDS):
        others = [one for one in range(len(CROWDS)) if one != at]
        choice = choices[int(losses[:, others].mean(axis=1).argmin())]
        with chosen(choice):
            n_right = sum(_is_surprising_better(*crowds[one]) for one in others)
        answers, predictions, truth = crowds[at]
        with chosen(choice, n_right=n_right, n_recorded=len(others)):
            whole.append(_errors(answers, predictions, truth))
            for n_each, rows in thinned.items():
                draws = [_errors(*thin(answers, predictions, n_each=n_each, seed=seed), truth)
                         for seed in range(N_DRAWS)]  # fmt: skip
                rows.append({key: float(np.mean([one[key] for one in draws])) for key in draws[0]})
            if name == "sp_gk":
                in_parts += [_errors(*only(answers, predictions, part), truth[part])
                             for part in parts(name)]  # fmt: skip
            else:
                in_parts.append(whole[-1])
    figures = {"errors_ratio": _ratio(whole, "pick")}
    figures |= {f"errors_ratio_{one}": _ratio(whole, one) for one in PICKS[1:]}
    figures |= {f"errors_ratio_{one}_parts": _ratio(in_parts, one) for one in PICKS}
    for n_each, rows in thinned.items():
        figures |= {f"errors_ratio_{one}_{n_each}": _ratio(rows, one) for one in PICKS}
    for key in ("logloss", "logloss_votes", "ece", "ece_votes"):
        figures[key] = float(np.mean([row[key] for row in whole]))
        for n_each, rows in thinned.items():
            figures[f"{key}_{n_each}"] = float(np.mean([row[key] for row in rows]))
    for name, row in zip(CROWDS, whole, strict=True):
        figures |= {f"{key}_{name}": value for key, value in row.items()}
    for at, row in enumerate(in_parts[-5:], start=1):
        figures |= {f"{key}_sp_gk_{at}": row[key] for key in ("evidence", "majority", *PICKS)}
    return figures


def _errors(answers: Any, predictions: Any, truth: Any) -> dict[str, float]:
    from dure.truth import score_labels, surprisingly_popular
    from dure.truth.majority import vote_shares

    found = surprisingly_popular(answers, predictions)
    labels = score_labels(found.probability, truth)
    votes = score_labels(found.by_votes.probability, truth)
    # Ties share the point.
    majority = score_labels(vote_shares(answers, smoothing=0.5), truth)
    n_tasks = len(truth)
    n_majority = (1.0 - majority.accuracy) * n_tasks
    n_surprising = float((found.surprising != truth).sum())
    return {
        "majority": n_majority,
        "pick": n_surprising if found.believes_surprising else n_majority,
        "surprising": n_surprising,
        "labels": (1.0 - labels.accuracy) * n_tasks,
        "votes": (1.0 - votes.accuracy) * n_tasks,
        "evidence": found.evidence,
        "logloss": labels.log_loss,
        "logloss_votes": votes.log_loss,
        "ece": labels.calibration_error,
        "ece_votes": votes.calibration_error,
    }


def _is_surprising_better(answers: Any, predictions: Any, truth: Any) -> bool:
    from dure.truth import surprisingly_popular

    found = surprisingly_popular(answers, predictions)
    return bool((found.surprising == truth).sum() > (found.popular == truth).sum())


def _ratio(rows: list[dict[str, float]], what: str) -> float:
    return sum(row[what] for row in rows) / sum(row["majority"] for row in rows)
