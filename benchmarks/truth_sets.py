"""Sets of labels: errors, whole sets, and how sure, beside a vote by label and a fit by label.

Simulated crowds of `_simulated_sets.py`, which are not drawn as the engine believes: 300 tasks, ten
labels, five answers each of 40 people unless said otherwise, five draws of each kind (seeds 100 to
104; what the engine does not learn was chosen on seeds 0 to 2 of the same kinds). `vote` takes a
label that half of the answers name, sure by its share with half an answer added to each side;
`each` fits every label on its own as a choice of two. Both take labels for independent. Figures of
a method: `error_…` of labels, `f1_…`, `exact_…` whole sets right, `logloss_…` of a label, `ece_…`
of whole sets; `skill_covered` is how often a worker's interval holds the share of right words.

`…_affect` is a real crowd: ten people on each of 100 headlines, six emotions each, taken to be
named where rated 50 or more of 100, as the set's own task was scored; its truth is experts'.
Run it by `dure bench truth-sets`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

SEEDS = range(100, 105)
EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
NAMED_FROM = 50.0


def kinds() -> dict[str, dict[str, Any]]:
    """The crowds by name, as arguments of `simulate_sets`."""
    return {
        "independent": {},
        "independent_apart": {"alike": True},
        "correlated": {"truth": "correlated"},
        "nested": {"truth": "nested"},
        "good": {"truth": "correlated", "attention": 3.0, "carelessness": 0.08},
        "bad": {"truth": "nested", "attention": 0.8, "carelessness": 0.5},
        "spammers_30": {"truth": "correlated", "spam": 0.3},
        "one_answer": {"truth": "nested", "n_each": 1},
        "two_answers": {"truth": "correlated", "n_each": 2},
        "twelve_answers": {"truth": "correlated", "n_each": 12},
        "few_tasks": {"truth": "correlated", "n_tasks": 60},
        "five_labels": {"truth": "correlated", "n_labels": 5},
        "thirty_labels": {"truth": "correlated", "n_labels": 30, "n_tasks": 1000},
        "fifty_nested": {"truth": "nested", "n_labels": 50, "n_tasks": 400},
        "fifty_independent": {"n_labels": 50, "n_tasks": 400},
    }


def run() -> dict[str, float]:
    """Means over the kinds, then each kind's, then the real crowd's."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _simulated_sets import simulate_sets

    table: dict[str, dict[str, float]] = {}
    for name, kind in kinds().items():
        rows = []
        for seed in SEEDS:
            crowd = simulate_sets(**kind, seed=seed)
            rows.append(_measure(crowd.sets, crowd.truth))
        table[name] = {what: float(np.mean([row[what] for row in rows])) for what in rows[0]}
    whats = table["nested"]
    figures = {what: float(np.mean([row[what] for row in table.values()])) for what in whats}
    gains = {name: row["error_each"] - row["error_dure"] for name, row in table.items()}
    figures["worst_gain_over_each"] = min(gains.values())
    for name, row in table.items():
        figures |= {f"{what}_{name}": value for what, value in row.items()}
    return figures | {f"{what}_affect": value for what, value in _measure(*_affect()).items()}


def _measure(sets: Any, truth: Any) -> dict[str, float]:
    from dure.truth import infer_sets, score_sets

    result = infer_sets(sets)
    votes, each = _votes(sets), _each(sets)
    concluded = {
        "dure": (result.probability, result.chosen, result.sureness),
        "vote": (votes, votes >= 0.5, _whole(votes)),
        "each": (each, each > 0.5, _whole(each)),
    }
    figures = {}
    for name, what in concluded.items():
        score = score_sets(*what, truth.astype(np.int8))
        figures |= {
            f"error_{name}": score.label_error,
            f"f1_{name}": score.f1,
            f"exact_{name}": score.exact,
            f"logloss_{name}": score.log_loss,
            f"ece_{name}": score.calibration_error,
            f"sureness_{name}": float(what[2].mean()),
        }
    right = (sets.chosen == truth[sets.task_of_answer]).mean(axis=1)
    n_given = np.bincount(sets.worker_of_answer, minlength=sets.n_workers)
    share = np.bincount(sets.worker_of_answer, right, sets.n_workers) / np.maximum(n_given, 1)
    held = (result.skill_low <= share) & (share <= result.skill_high)
    return {**figures, "skill_covered": float(held[n_given > 0].mean()),
            "classes": float(len(result.shared.class_weight))}  # fmt: skip


def _votes(sets: Any) -> Any:
    votes = np.zeros((sets.n_tasks, sets.n_labels))
    np.add.at(votes, sets.task_of_answer, sets.chosen)
    n_answers = np.bincount(sets.task_of_answer, minlength=sets.n_tasks)
    return (votes + 0.5) / (n_answers[:, None] + 1.0)


def _each(sets: Any) -> Any:
    """A fit of each label on its own, as a choice of two."""
    from dure.truth import Answers, infer

    sizes = {"n_tasks": sets.n_tasks, "n_workers": sets.n_workers, "n_labels": 2}
    who = sets.task_of_answer, sets.worker_of_answer
    fits = (infer(Answers(*who, named.astype(np.int32), **sizes)) for named in sets.chosen.T)
    return np.stack([fit.probability[:, 1] for fit in fits], axis=1)


def _whole(probability: Any) -> Any:
    return np.maximum(probability, 1.0 - probability).prod(axis=1)


def _affect() -> tuple[Any, Any]:
    from _recorded import read_rows

    from dure.truth import code_sets

    named: dict[tuple[str, str], list[str]] = {}
    true: dict[str, set[str]] = {}
    for emotion in EMOTIONS:
        for row in read_rows(emotion, "answers.csv"):
            given = named.setdefault((row["task"], row["worker"]), [])
            given += [emotion] * (float(row["answer"]) >= NAMED_FROM)
        for row in read_rows(emotion, "truth.csv"):
            of_task = true.setdefault(row["task"], set())
            of_task |= {emotion} if float(row["truth"]) >= NAMED_FROM else set()
    tasks, workers = zip(*named, strict=True)
    coded = code_sets(tasks, workers, list(named.values()), classes=EMOTIONS)
    truth = np.array([[name in true[task] for name in coded.classes] for task in coded.tasks])
    return coded.sets, truth
