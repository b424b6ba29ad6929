"""The recorded crowds of the benchmarks, read where they lie."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(os.environ.get("DURE_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
CATEGORICAL = (
    "rte", "temp", "wsd", "dog", "bluebirds", "face", "d_product", "d_possent", "weather_cf",
    "weather_amt", "music", "sp", "sp_amt", "barzan", "adult333",
)  # fmt: skip


def load(name: str) -> tuple[Any, Any]:
    """The coded answers, and each task's true label, -1 where it is not known."""
    from dure.truth import code_choices

    rows = read_rows(name, "answers.csv")
    truth = {row["task"]: row["truth"] for row in read_rows(name, "truth.csv")}
    coded = code_choices(*([row[key] for row in rows] for key in ("task", "worker", "answer")))
    place = {label: code for code, label in enumerate(coded.classes)}
    labels = [place.get(truth.get(task, ""), -1) for task in coded.tasks]
    return coded, np.array(labels, np.int32)


def read_rows(name: str, file: str) -> list[dict[str, str]]:
    """The rows of one file of a crowd."""
    path = FOLDER / name / file
    if not path.is_file():
        raise SystemExit(f"{path} is missing: set DURE_SHARED_DATA to the folder of the crowds.")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
