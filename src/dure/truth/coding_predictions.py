"""Predictions of the others' answers, laid beside the coded answers that they came with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.truth.coding import CodedAnswers, Ids
from dure.truth.types import Floats
from dure.truth.validate import BadAnswers


def code_predictions(
    coded: CodedAnswers,
    tasks: Ids,
    workers: Ids,
    labels: Ids,
    shares: Sequence[float] | NDArray[Any],
) -> Floats:
    """Lay out predictions as `surprisingly_popular` takes them.

    Predictions of who did not answer the task are left out, for they came with no vote.

    Parameters
    ----------
    coded : CodedAnswers
        The answers, coded.
    tasks, workers, labels : (n_predictions,) text
        Row i is the share that a worker expects for one label of a task.
    shares : (n_predictions,) numbers
        The shares, from 0 to 1.

    Returns
    -------
    (n_answers, n_labels) float64
        In the order of the coded answers; nan where nothing was said.

    Raises
    ------
    BadAnswers
        If the columns differ in length, a label is not one of the classes, or a share is given
        twice.
    """
    lengths = {len(column) for column in (tasks, workers, labels, shares)}
    if len(lengths) > 1:
        raise BadAnswers(
            f"Expected columns of one length, got {sorted(lengths)}; give one of each per row."
        )
    n_labels = coded.answers.n_labels
    place = {name: code for code, name in enumerate(coded.classes)}
    stray = next((one for one in labels if one not in place), None)
    if stray is not None:
        raise BadAnswers(
            f"Expected each prediction to be for one of {', '.join(coded.classes)}; got {stray!r}; "
            "leave it out or add the class."
        )
    task_code = _codes(tasks, coded.tasks)
    worker_code = _codes(workers, coded.workers)
    n_workers = max(1, len(coded.workers))
    # The answers are sorted by this key.
    keys = coded.answers.task_of_answer.astype(np.int64) * n_workers
    keys += coded.answers.worker_of_answer
    wanted = task_code * n_workers + worker_code
    rows = np.searchsorted(keys, wanted)
    is_there = (task_code >= 0) & (worker_code >= 0) & (rows < len(keys))
    is_there[is_there] = keys[rows[is_there]] == wanted[is_there]
    columns = _codes(labels, coded.classes)
    cells = rows[is_there] * n_labels + columns[is_there]
    if len(np.unique(cells)) < len(cells):
        raise BadAnswers(
            "Expected one prediction for each task, worker and label, got two; leave one out."
        )
    laid = np.full(len(keys) * n_labels, np.nan)
    laid[cells] = np.asarray(shares, np.float64)[is_there]
    return laid.reshape(len(keys), n_labels)


def _codes(ids: Ids, names: tuple[str, ...]) -> NDArray[np.int64]:
    place = {name: code for code, name in enumerate(names)}
    return np.fromiter((place.get(one, -1) for one in ids), np.int64, len(ids))
