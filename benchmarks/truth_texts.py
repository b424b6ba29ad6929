"""Texts of simulated crowds whose truth is known: labels, lines, names and codes, beside votes.

The crowds are those of `_simulated_texts.py`: 400 tasks each. Beside Dure stand the vote on texts
exactly as given (`exact`) and on texts after NFKC, case folding and stripping (`folded`), whose
probability is the share smoothed by half an answer for each text given and for none of them. A
verdict is right if it equals the truth after Dure's normalising, and but for spaces in Hangul;
`as_written_…` if it does to the letter. `pair_f1_…` says how well pairs of answers to a task that
were meant to be the same text are put together; `wrong_joins_…` is the part of the joined pairs
that were not. `cpu_seconds_20k_tasks` is what coding and fitting 20,000 tasks of
five answers takes.
Run it by `dure bench truth-texts`.
"""

from __future__ import annotations

import sys
import time
import unicodedata
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

METHODS = ("dure", "folded", "exact")
N_BINS = 10
PROBABILITY_MIN = 1e-6


def run() -> dict[str, float]:
    """Means over the crowds, then each crowd's; and how long 20,000 tasks take."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _simulated_texts import kinds

    figures: dict[str, float] = {}
    for name, crowd in kinds().items():
        for method in METHODS:
            for what, value in _measure(crowd, method).items():
                figures[f"{what}_{method}_{name}"] = value
    whats = dict.fromkeys(key.split(f"_{METHODS[0]}_")[0] for key in figures if "_dure_" in key)
    means = {
        f"mean_{what}_{method}": float(
            np.mean(
                [value for key, value in figures.items() if key.startswith(f"{what}_{method}_")]
            )
        )
        for what in whats
        for method in METHODS
    }
    gains = [
        figures[f"accuracy_dure_{name}"] - figures[f"accuracy_folded_{name}"] for name in kinds()
    ]
    return {"worst_gain": min(gains), **means, **figures, "cpu_seconds_20k_tasks": _seconds()}


def _measure(crowd: Any, method: str) -> dict[str, float]:
    verdicts, group_of_answer = _ours(crowd) if method == "dure" else _vote(crowd, method)
    right, as_written, stated, of_truth = [], [], [], []
    for task, texts in verdicts.items():
        truth = crowd.truth[task]
        spelling, probability = max(texts, key=lambda one: one[1])
        right.append(_letters(spelling) == _letters(truth))
        as_written.append(spelling == truth)
        stated.append(probability)
        found = [chance for text, chance in texts if _letters(text) == _letters(truth)]
        of_truth.append(sum(found) if found else 1.0 - sum(chance for _, chance in texts))
    together, apart, missed = _pairs(crowd, group_of_answer)
    return {
        "accuracy": float(np.mean(right)),
        "as_written": float(np.mean(as_written)),
        "logloss": float(-np.log(np.clip(of_truth, PROBABILITY_MIN, 1.0 - PROBABILITY_MIN)).mean()),
        "ece": _calibration_error(np.array(stated), np.array(right, float)),
        "pair_f1": 2.0 * together / (2.0 * together + apart + missed),
        "wrong_joins": apart / (together + apart),
    }


def _ours(crowd: Any) -> tuple[dict[str, list[tuple[str, float]]], list[Any]]:
    from dure.truth import code_texts, infer_texts

    coded = code_texts(crowd.tasks, crowd.workers, crowd.texts)
    result = infer_texts(coded.texts)
    verdicts: dict[str, list[tuple[str, float]]] = {task: [] for task in coded.tasks}
    for task, spelling, probability in zip(
        result.task_of_cluster.tolist(),
        result.spelling_of_cluster,
        result.probability_of_cluster.tolist(),
        strict=True,
    ):
        verdicts[coded.tasks[task]].append((spelling, probability))
    groups = np.empty(len(crowd.tasks), int)
    groups[coded.row_of_answer] = result.cluster_of_answer
    return verdicts, groups.tolist()


def _vote(crowd: Any, method: str) -> tuple[dict[str, list[tuple[str, float]]], list[Any]]:
    fold = _folded if method == "folded" else str
    votes: dict[str, dict[str, list[str]]] = {}
    for task, text in zip(crowd.tasks, crowd.texts, strict=True):
        votes.setdefault(task, {}).setdefault(fold(text), []).append(text)
    verdicts = {}
    for task, given in votes.items():
        total = sum(map(len, given.values())) + 0.5 * (len(given) + 1)
        verdicts[task] = [
            (max(sorted(set(texts)), key=texts.count), (len(texts) + 0.5) / total)
            for _, texts in sorted(given.items())
        ]
    return verdicts, [fold(text) for text in crowd.texts]


def _letters(text: str) -> str:
    from dure.truth import normalise
    from dure.truth.similarity import take_apart

    return take_apart(normalise(text)).letters


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _pairs(crowd: Any, group_of_answer: list[Any]) -> tuple[int, int, int]:
    """Pairs of answers to a task: rightly together, wrongly together, wrongly apart."""
    rows: dict[str, list[int]] = {}
    for row, task in enumerate(crowd.tasks):
        rows.setdefault(task, []).append(row)
    counts = [0, 0, 0]
    for of_task in rows.values():
        for one, other in combinations(of_task, 2):
            same = crowd.meant[one] == crowd.meant[other]
            joined = group_of_answer[one] == group_of_answer[other]
            if same or joined:
                counts[0 if same and joined else 1 if joined else 2] += 1
    return counts[0], counts[1], counts[2]


def _calibration_error(stated: Any, right: Any) -> float:
    bins = np.minimum((stated * N_BINS).astype(int), N_BINS - 1)
    gap = np.bincount(bins, weights=stated - right, minlength=N_BINS)
    return float(np.abs(gap).sum() / len(stated))


def _seconds() -> float:
    from _simulated_texts import WORDS, simulate

    from dure.truth import code_texts, infer_texts

    def line(random: np.random.Generator) -> str:
        return " ".join(random.choice(WORDS, 3))

    crowd = simulate(line, tempt=line, n_workers=500, n_each=5, n_tasks=20_000, seed=10)
    before = time.process_time()
    infer_texts(code_texts(crowd.tasks, crowd.workers, crowd.texts).texts)
    return time.process_time() - before
