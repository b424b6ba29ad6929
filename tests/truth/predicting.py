"""Crowds that predict each other: simulated ones, recorded ones, and random ones."""

from __future__ import annotations

import csv

import numpy as np
from hypothesis import strategies as st

from dure.truth import Answers, code_choices, code_predictions
from tests.truth.laws import random_answers
from tests.truth.real_sets import real_set


def informed(*, n_tasks=60, n_workers=40, n_experts=10, misleading=0.3, seed=0):
    """Most follow what seems likely; few know better, and know that few do.

    What seems likely is wrong on a share `misleading` of the tasks.
    """
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, n_tasks).astype(np.int32)
    seems = np.where(random.random(n_tasks) < misleading, 1 - truth, truth)
    is_expert = np.arange(n_workers) < n_experts
    shape = (n_tasks, n_workers)
    knows = np.where(random.random(shape) < 0.9, truth[:, None], 1 - truth[:, None])
    guesses = np.where(random.random(shape) < 0.75, seems[:, None], 1 - seems[:, None])
    given = np.where(is_expert, knows, guesses)
    # Experts expect the share that comes; the others, that most think as they do.
    comes = np.where(seems == 1, 0.75, 0.25)[:, None]
    expects = np.where(is_expert, comes, np.where(given == 1, 0.8, 0.2) * 0.6 + comes * 0.4)
    return _crowd(given, np.clip(expects + random.normal(0, 0.05, shape), 0, 1), truth)


def exaggerating(*, n_tasks=60, n_workers=40, exaggerated=0.2, seed=0):
    """The majority is right, and on a share of the tasks all expect it to be larger than it is."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, n_tasks).astype(np.int32)
    shape = (n_tasks, n_workers)
    accuracy = np.linspace(0.55, 0.9, n_workers)
    given = np.where(random.random(shape) < accuracy, truth[:, None], 1 - truth[:, None])
    agree = np.where(random.random(n_tasks) < exaggerated, 0.9, 0.6)[:, None]
    expects = np.where(truth[:, None] == 1, agree, 1 - agree)
    return _crowd(given, np.clip(expects + random.normal(0, 0.05, shape), 0, 1), truth)


def load_predicted(name):
    """The coded answers, the predictions beside them and the truth."""
    folder = real_set(name)
    rows = _rows(folder / "predictions.csv")
    truth = {row["task"]: row["truth"] for row in _rows(folder / "truth.csv")}
    tasks, workers = ([row[key] for row in rows] for key in ("task", "worker"))
    coded = code_choices(tasks, workers, [row["own"] for row in rows])
    shares = [float(row["predicted_share_1"]) for row in rows]
    predictions = code_predictions(coded, tasks, workers, ["1"] * len(rows), shares)
    labels = np.array([coded.classes.index(truth[task]) for task in coded.tasks], np.int32)
    return coded.answers, predictions, labels


@st.composite
def random_predicted(draw):
    """Random answers; predictions some of which are missing, in part or altogether."""
    answers = draw(random_answers())
    shape = len(answers.label_of_answer), answers.n_labels
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    predictions = random.integers(0, 11, shape) / 10.0
    predictions[random.random(shape) < draw(st.sampled_from([0.0, 0.3, 1.0]))] = np.nan
    return answers, predictions


def _crowd(given, expects, truth):
    tasks, workers = np.nonzero(np.ones(given.shape, bool))
    columns = (one.astype(np.int32) for one in (tasks, workers, given.ravel()))
    answers = Answers(*columns, *given.shape, 2)
    return answers, np.column_stack([1 - expects.ravel(), expects.ravel()]), truth


def _rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
