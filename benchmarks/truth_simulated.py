"""Simulated crowds whose truth and skills are known: what is recovered, beside the vote.

Each kind of crowd is drawn twenty times: 500 tasks of three labels, five answers each, 50 workers
unless said otherwise. Figures of a kind: `accuracy_…` of Dure's labels and of the vote,
`logloss_…`, the mean absolute error of each worker's skill, its rank correlation with the truth,
and how often its 90 % interval holds it. Run it by `dure bench truth-simulated`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

N_DRAWS = 20


def kinds() -> dict[str, dict[str, Any]]:
    """The crowds by name, as arguments of `simulate`."""
    even = np.linspace(0.55, 0.95, 50)
    usual = {"n_tasks": 500, "n_each": 5, "n_labels": 3}
    return {
        "mixed": {"accuracies": even, **usual},
        "alike": {"accuracies": [0.75] * 50, **usual},
        "experts": {"accuracies": [0.97] * 10 + [0.6] * 40, **usual},
        "spammers_20": {"accuracies": [*even[:40], *[1 / 3] * 10], **usual},
        "spammers_60": {"accuracies": [*even[::2][:20], *[1 / 3] * 30], **usual},
        "adversaries_20": {"accuracies": [*even[10:], *[0.05] * 10], **usual},
        "copyists_40": {"accuracies": [*even[10:40], *[0.7] * 20], "n_copyists": 20, **usual},
        "hard_tasks_30": {"accuracies": np.linspace(0.7, 0.98, 50), "hard": 0.3, **usual},
        "three_answers": {"accuracies": even, **usual, "n_each": 3},
        "twenty_labels": {"accuracies": even, **usual, "n_labels": 20},
        "rare_label": {
            "accuracies": even, "n_tasks": 500, "n_each": 5, "n_labels": 2,
            "prevalence": [0.95, 0.05],
        },
    }  # fmt: skip


def run() -> dict[str, float]:
    """Means over the draws; `spread_…` is the standard error of Dure's gain over the vote."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.truth.crowds import simulate

    figures: dict[str, float] = {}
    gains = []
    for name, crowd in kinds().items():
        rows = [_measure(simulate(**crowd, seed=seed)) for seed in range(N_DRAWS)]
        for what in rows[0]:
            figures[f"{what}_{name}"] = float(np.mean([row[what] for row in rows]))
        gain = [row["accuracy"] - row["accuracy_vote"] for row in rows]
        figures[f"spread_{name}"] = float(np.std(gain) / np.sqrt(N_DRAWS))
        gains.append(float(np.mean(gain)))
    return {"worst_gain": min(gains), "mean_gain": float(np.mean(gains)), **figures}


def _measure(crowd: Any) -> dict[str, float]:
    from dure.truth import infer, majority, score_labels

    result, voted = infer(crowd.answers), majority(crowd.answers)
    ours = score_labels(result.probability, crowd.truth)
    votes = score_labels(voted.probability, crowd.truth)
    true = _chance_right(crowd)
    held = (result.skill_low <= true) & (true <= result.skill_high)
    return {
        "accuracy": ours.accuracy,
        "accuracy_vote": votes.accuracy,
        "logloss": ours.log_loss,
        "logloss_vote": votes.log_loss,
        "ece": ours.calibration_error,
        "skill_error": float(np.abs(result.skill - true).mean()),
        "skill_error_vote": float(np.abs(voted.skill - true).mean()),
        "skill_rank": _rank_correlation(result.skill, true),
        "skill_covered": float(held.mean()),
    }


def _chance_right(crowd: Any) -> Any:
    """How often each worker was right in this draw's tasks: what a copyist or a hard task makes."""
    answers = crowd.answers
    right = answers.label_of_answer == crowd.truth[answers.task_of_answer]
    n_right = np.bincount(answers.worker_of_answer, weights=right, minlength=answers.n_workers)
    n_given = np.bincount(answers.worker_of_answer, minlength=answers.n_workers)
    # The habit, where it is known; else what was seen, which the interval should hold too.
    seen = n_right / np.maximum(n_given, 1)
    return np.where(crowd.is_plain, crowd.accuracy, seen)


def _rank_correlation(skill: Any, true: Any) -> float:
    if np.ptp(true) == 0.0:
        return float("nan")
    ranks = [np.argsort(np.argsort(one)).astype(float) for one in (skill, true)]
    return float(np.corrcoef(ranks)[0, 1])
