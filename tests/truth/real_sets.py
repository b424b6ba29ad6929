"""Recorded crowds, where the folder that holds them is present."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from dure.truth import code_choices, code_numbers

FOLDER = Path(os.environ.get("DURE_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
CATEGORICAL = [
    "rte",
    "temp",
    "wsd",
    "dog",
    "bluebirds",
    "face",
    "d_product",
    "d_possent",
    "weather_cf",
    "weather_amt",
    "music",
    "sp",
    "sp_amt",
    "barzan",
    "adult333",
]
AFFECT = ["anger", "disgust", "fear", "joy", "sadness", "surprise", "valence"]


def real_set(name):
    folder = FOLDER / name
    if not folder.is_dir():
        message = f"no recorded crowd {name}: set DURE_SHARED_DATA to the folder that has it"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return folder


def load_choices(name):
    rows, truth = _read(name)
    coded = code_choices(*rows)
    place = {label: code for code, label in enumerate(coded.classes)}
    return coded, np.array([place.get(truth.get(task), -1) for task in coded.tasks], np.int32)


def load_numbers(name):
    (tasks, workers, answers), truth = _read(name)
    coded = code_numbers(tasks, workers, [float(answer) for answer in answers])
    return coded, np.array([float(truth.get(task, "nan")) for task in coded.tasks])


def _read(name):
    folder = real_set(name)
    with (folder / "answers.csv").open(encoding="utf-8", newline="") as stream:
        rows = [(row["task"], row["worker"], row["answer"]) for row in csv.DictReader(stream)]
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as stream:
        truth = {row["task"]: row["truth"] for row in csv.DictReader(stream)}
    return [list(column) for column in zip(*rows, strict=True)], truth
