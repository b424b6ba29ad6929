"""The recorded crowds that answered with numbers, and how estimates of them are scored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

# Sliders, whose ends were part of the question.
AFFECT = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "valence")
ENDS = dict.fromkeys(AFFECT, (0.0, 100.0)) | {"valence": (-100.0, 100.0), "wordsim": (0.0, 10.0)}
ESTIMATES = ("est_lorenz2011", "est_becker2017", "est_gurcay2015")
# Of the plain mean without the largest and the smallest tenth.
TRIMMED = 0.1
LEAST = 1e-9


def load(name: str) -> tuple[Any, Any]:
    """The coded numbers, and each task's true value, nan where it is not known."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _recorded import read_rows

    from dure.truth import code_numbers

    rows = read_rows(name, "answers.csv")
    truth = {row["task"]: float(row["truth"]) for row in read_rows(name, "truth.csv")}
    coded = code_numbers(
        [row["task"] for row in rows],
        [row["worker"] for row in rows],
        [float(row["answer"]) for row in rows],
    )
    return coded, np.array([truth.get(task, np.nan) for task in coded.tasks])


def load_predicted() -> tuple[Any, Any, Any]:
    """Probabilities of statements, what each worker expects the others to say, and the truth."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _recorded import read_rows

    from dure.truth import code_numbers

    rows = read_rows("sp_gk", "predictions.csv")
    truth = {row["task"]: float(row["truth"]) for row in read_rows("sp_gk", "truth.csv")}
    coded = code_numbers(
        [row["task"] for row in rows],
        [row["worker"] for row in rows],
        [float(row["estimate"]) for row in rows],
    )
    predicted = np.array([float(row["predicted_mean"]) for row in rows])[coded.row_of_answer]
    return coded, predicted, np.array([truth.get(task, np.nan) for task in coded.tasks])


def rmse(name: str, estimate: Any, truth: Any) -> float:
    """The root mean squared error; of logarithms where people estimated quantities."""
    if name in ESTIMATES:
        estimate, truth = np.log(np.maximum(estimate, LEAST)), np.log(truth)
    return float(np.sqrt(np.nanmean((estimate - truth) ** 2)))


def usual_estimates(coded: Any) -> dict[str, Any]:
    """Each task's mean, median and trimmed mean."""
    numbers = coded.numbers
    given = [
        np.sort(numbers.value_of_answer[numbers.task_of_answer == task])
        for task in range(numbers.n_tasks)
    ]
    cut = [int(TRIMMED * len(values)) for values in given]
    kept = [values[n : len(values) - n] for values, n in zip(given, cut, strict=True)]
    return {
        "mean": np.array([values.mean() for values in given]),
        "median": np.array([np.median(values) for values in given]),
        "trimmed": np.array([values.mean() for values in kept]),
    }
