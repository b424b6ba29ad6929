"""Recorded crowds that predicted each other, and verdicts on each by what the others chose.

What the engine does not learn from a call's own answers: how strongly votes are drawn to what is
expected, how sharp surprises are, which part of what labels exceed predictions by everywhere is
taken off, how many answers of each worker it takes to trust what is known of workers, and in how
many recorded crowds the surprising answers were right more often. Each crowd is concluded with
the values that had the least mean log loss on the three others, as they are and thinned to five
and to fifteen answers a task; and with the count of those three.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from _recorded import read_rows

CROWDS = ("prelec_1c", "prelec_2", "prelec_3", "sp_gk")
VALUES = ("N_EXPECTED", "SHARPNESS", "LEAN_PART", "N_ANSWERS_TO_TRUST")
N_EXPECTED = (8.0, 16.0, 32.0)
SHARPNESS = (1.0, 1.5, 2.0, 3.0)
LEAN_PART = (0.0, 0.25, 0.5)
TO_TRUST = (10.0, 20.0, 40.0)
THINNED = (5, 15)
N_DRAWS = 3


def load(name: str) -> tuple[Any, Any, Any]:
    """Coded answers, the predictions beside them and the true labels."""
    from dure.truth import code_choices, code_predictions

    truth = {row["task"]: row["truth"] for row in read_rows(name, "truth.csv")}
    rows = [
        row for row in read_rows(name, "predictions.csv") if float(row.get("estimate", 0)) != 0.5
    ]
    if "estimate" in rows[0]:
        # Probabilities; who is undecided has no answer.
        own = ["1" if float(row["estimate"]) > 0.5 else "0" for row in rows]
        shares = [float(row["predicted_mean"]) for row in rows]
    else:
        own = [row["own"] for row in rows]
        shares = [float(row["predicted_share_1"]) for row in rows]
    tasks, workers = ([row[key] for row in rows] for key in ("task", "worker"))
    coded = code_choices(tasks, workers, own)
    predictions = code_predictions(coded, tasks, workers, ["1"] * len(rows), shares)
    labels = [coded.classes.index(truth[task]) for task in coded.tasks]
    return coded.answers, predictions, np.array(labels, np.int32)


def parts(name: str) -> list[Any]:
    """Which tasks of a crowd were asked together, where its ids tell: L1-…, L2-…."""
    tasks = np.array(sorted(row["task"] for row in read_rows(name, "truth.csv")))
    first = np.array([task.split("-")[0] for task in tasks])
    return [np.flatnonzero(first == part) for part in np.unique(first)]


def only(answers: Any, predictions: Any, tasks: Any) -> tuple[Any, Any]:
    """The answers to some of the tasks, which are numbered anew."""
    place = np.full(answers.n_tasks, -1, np.int32)
    place[tasks] = np.arange(len(tasks))
    kept = np.flatnonzero(place[answers.task_of_answer] >= 0)
    fewer = replace(
        answers,
        task_of_answer=place[answers.task_of_answer[kept]],
        worker_of_answer=answers.worker_of_answer[kept],
        label_of_answer=answers.label_of_answer[kept],
        n_tasks=len(tasks),
    )
    return fewer, predictions[kept]


def thin(answers: Any, predictions: Any, *, n_each: int, seed: int) -> tuple[Any, Any]:
    """So many answers to each task, drawn at random, by the workers who are left."""
    random = np.random.default_rng(seed).random(len(answers.task_of_answer))
    order = np.lexsort((random, answers.task_of_answer))
    task = answers.task_of_answer[order]
    place = np.arange(len(task)) - np.searchsorted(task, task)
    kept = np.sort(order[place < n_each])
    left, workers = np.unique(answers.worker_of_answer[kept], return_inverse=True)
    fewer = replace(
        answers,
        task_of_answer=answers.task_of_answer[kept],
        worker_of_answer=workers.astype(np.int32),
        label_of_answer=answers.label_of_answer[kept],
        n_workers=len(left),
    )
    return fewer, predictions[kept]


def choose() -> tuple[list[tuple[float, ...]], Any]:
    """The choices, and (n_choices, n_crowds) mean log loss."""
    choices = list(product(N_EXPECTED, SHARPNESS, LEAN_PART, TO_TRUST))
    losses = np.zeros((len(choices), len(CROWDS)))
    for at, name in enumerate(CROWDS):
        answers, predictions, truth = load(name)
        draws = [(answers, predictions, 1.0)]
        for n_each, seed in product(THINNED, range(N_DRAWS)):
            fewer = thin(answers, predictions, n_each=n_each, seed=seed)
            draws.append((*fewer, 1.0 / N_DRAWS))
        for one, told, weight in draws:
            losses[:, at] += weight * _losses(one, told, truth, choices) / (1 + len(THINNED))
    return choices, losses


def _losses(answers: Any, predictions: Any, truth: Any, choices: list[tuple[float, ...]]) -> Any:
    from dure.truth import SurpriseTerms, _surprise, infer, score_labels, surprising

    told = _surprise.complete(predictions)
    votes, sums, n_told = _surprise.count(answers, told)
    predicted = _surprise.predicted_shares(sums, n_told)
    by_votes = infer(answers).probability
    losses = np.empty(len(choices))
    for at, choice in enumerate(choices):
        with chosen(choice):
            lean, trust = (
                surprising.learn_lean(votes, sums, n_told),
                surprising.learn_trust(answers),
            )
        terms = SurpriseTerms(lean, choice[0], choice[1], trust)
        expected = _surprise.expected_shares(predicted, lean)
        logs = _surprise.surprises(votes, expected, terms.n_expected)
        odds = _surprise.log_odds(logs, by_votes, votes, terms)
        losses[at] = score_labels(_surprise.chances(odds), truth).log_loss
    return losses


@contextmanager
def chosen(choice: tuple[float, ...], *, n_right: int = 0, n_recorded: int = 0) -> Iterator[None]:
    """The engine with these values in place of its own, and with this count of recorded crowds."""
    from dure.truth import _deserving, surprising

    values = dict(zip(VALUES, choice, strict=True))
    counts = {"N_RECORDED_RIGHT": n_right, "N_RECORDED": n_recorded}
    usual = {name: getattr(surprising, name) for name in values}
    counted = {name: getattr(_deserving, name) for name in counts}
    _set(surprising, values)
    _set(_deserving, counts)
    try:
        yield
    finally:
        _set(surprising, usual)
        _set(_deserving, counted)


def _set(module: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(module, name, value)
