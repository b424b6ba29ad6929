"""The one coding of answers that mark boxes, for both doors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dure.truth.box_records import KnownBoxes
from dure.truth.coding import Ids, _canonical_order, _check_lengths, _code
from dure.truth.types import Boxes, Floats, Ints
from dure.truth.validate import BadAnswers

# One answer as it was given: each box has x, y, w and h, and a label where the question has some.
Drawn: TypeAlias = Sequence[Mapping[str, Any]]

SIDES = ("x", "y", "w", "h")
# Sums of rounded sides may reach so far beyond the picture; they are taken to end at its edge.
TOLERANCE = 1e-4
# Boxes that are written are as exact as those that phones send, and as large at least.
DECIMALS = 5
SIDE_MIN = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class CodedBoxes:
    """Coded boxes with the ids behind the codes; see `CodedAnswers`.

    `classes` is empty where boxes have no label. `row_of_answer[i]` is the row of the input that
    became answer i; its boxes are in their order there.
    """

    boxes: Boxes
    tasks: tuple[str, ...]
    workers: tuple[str, ...]
    classes: tuple[str, ...]
    row_of_answer: NDArray[np.int64]


def code_boxes(
    tasks: Ids,
    workers: Ids,
    values: Sequence[Drawn],
    *,
    classes: Iterable[str] | None = None,
    task_keys: Iterable[str] | None = None,
) -> CodedBoxes:
    """Code answers that mark boxes.

    Rows are put in the same canonical order as by `code_choices`.

    Parameters
    ----------
    tasks, workers : (n_answers,) text
        Row i is one answer; at most one for each task and worker.
    values : (n_answers,) sequences of mappings
        The boxes of each answer, each with x, y, w, h and perhaps a label; none is an answer too.
    classes : iterable of text, optional
        All options of the question, none where boxes have no label; by default those that occur.
    task_keys : iterable of text, optional
        All tasks, also those without answers; by default those that occur.

    Returns
    -------
    CodedBoxes
        The answers in canonical order, with the ids behind the codes.

    Raises
    ------
    BadAnswers
        If the columns differ in length, a box lies outside the picture, a label or task is not
        among those given, only some boxes have a label, or a worker answered a task twice.
    """
    _check_lengths(tasks=tasks, workers=workers, values=range(len(values)))
    rows = range(len(tasks))
    task_ids, task_codes = _code(tasks, known=task_keys, noun="task", rows=rows)
    worker_ids, worker_codes = _code(workers, known=None, noun="worker", rows=rows)
    order = _canonical_order(task_codes, worker_codes, task_ids, worker_ids, rows)
    ordered = [values[row] for row in order.tolist()]
    answer_of_box = np.repeat(np.arange(len(order)), [len(value) for value in ordered])
    drawn = [box for value in ordered for box in value]
    names = order[answer_of_box] if drawn else np.empty(0, np.int64)
    class_ids, label_of_box = _labels(drawn, names, classes)
    boxes = Boxes(
        task_of_answer=task_codes[order],
        worker_of_answer=worker_codes[order],
        answer_of_box=answer_of_box.astype(np.int32),
        corners=_corners(drawn, names),
        label_of_box=label_of_box,
        n_tasks=len(task_ids),
        n_workers=len(worker_ids),
        n_labels=max(1, len(class_ids)),
    )
    return CodedBoxes(boxes, task_ids, worker_ids, class_ids, order)


def code_known_boxes(
    coded: CodedBoxes, known: Mapping[str, Drawn], *, more_classes: Iterable[str] = ()
) -> KnownBoxes:
    """Code the real boxes of tasks where all are known.

    Parameters
    ----------
    coded : CodedBoxes
        The answers; tasks that none of them is about are left out.
    known : mapping of text to sequences of mappings
        For each task its boxes, as in `code_boxes`; it may have none. Where answers have no
        label, those here don't count.
    more_classes : iterable of text
        Classes that no answer can have, numbered after those of the answers.

    Returns
    -------
    KnownBoxes
        In the order of the coded tasks.

    Raises
    ------
    BadAnswers
        If a box lies outside the picture or its label is not among the classes.
    """
    is_known = np.array([task in known for task in coded.tasks], dtype=bool)
    told = [(code, known[coded.tasks[code]]) for code in np.flatnonzero(is_known).tolist()]
    drawn = [box for _, value in told for box in value]
    task = np.array([code for code, value in told for _ in value], dtype=np.int32)
    corners = _corners(drawn, task.astype(np.int64))
    if not coded.classes:
        return KnownBoxes(is_known, task, corners, np.zeros(len(drawn), np.int32))
    place = {name: code for code, name in enumerate((*coded.classes, *sorted(more_classes)))}
    for box in drawn:
        if box.get("label") not in place:
            raise BadAnswers(
                f"Expected each known box to have a label of {', '.join(place)}; got "
                f"{box.get('label')!r}; name one of these."
            )
    label = np.array([place[box["label"]] for box in drawn], dtype=np.int32)
    return KnownBoxes(is_known, task, corners, label)


def box_value(corners: Floats, label: str | None) -> dict[str, Any]:
    """Write a box as answers do, rounded to five decimals.

    Parameters
    ----------
    corners : (4,) float64
        Its x0, y0, x1 and y1.
    label : text or None
        Its label, None where the question has none.

    Returns
    -------
    dict
        With x, y, w, h and, if it has one, the label.
    """
    # Rounded first, so that the sides' sums stay within the picture.
    x, y, x1, y1 = (round(float(corner), DECIMALS) for corner in corners)
    x, y = min(x, 1.0 - SIDE_MIN), min(y, 1.0 - SIDE_MIN)
    width, height = (max(round(side, DECIMALS), SIDE_MIN) for side in (x1 - x, y1 - y))
    value: dict[str, Any] = {"x": x, "y": y, "w": width, "h": height}
    return value if label is None else value | {"label": label}


def _corners(drawn: Sequence[Mapping[str, Any]], rows: NDArray[np.int64]) -> Floats:
    sides = np.array([[box[name] for name in SIDES] for box in drawn], dtype=np.float64).reshape(
        -1, 4
    )
    ends = sides[:, :2] + sides[:, 2:]
    inside = (sides >= -TOLERANCE).all(axis=1) & (ends <= 1.0 + TOLERANCE).all(axis=1)
    if not inside.all():
        bad = int(np.flatnonzero(~inside)[0])
        raise BadAnswers(
            "Expected x, y, w and h of each box as fractions of the picture, got "
            f"{sides[bad].tolist()} in row {rows[bad]}; divide by the picture's width and height."
        )
    corners: Floats = np.clip(np.concatenate([sides[:, :2], ends], axis=1), 0.0, 1.0)
    return corners


def _labels(
    drawn: Sequence[Mapping[str, Any]], rows: NDArray[np.int64], classes: Iterable[str] | None
) -> tuple[tuple[str, ...], Ints]:
    names = [box.get("label") for box in drawn]
    given = None if classes is None else tuple(sorted(set(classes)))
    if not (given or (given is None and any(name is not None for name in names))):
        stray = next((at for at, name in enumerate(names) if name is not None), None)
        if stray is not None:
            raise BadAnswers(
                f"Expected boxes without a label, got {names[stray]!r} in row {rows[stray]}; "
                "leave it out or name the options."
            )
        return (), np.zeros(len(drawn), np.int32)
    without = next((at for at, name in enumerate(names) if name is None), None)
    if without is not None:
        raise BadAnswers(
            f"Expected a label of each box, got one without in row {rows[without]}; "
            "label all boxes or none."
        )
    class_ids, codes = _code(
        [name for name in names if name is not None], known=given, noun="label", rows=rows
    )
    return class_ids, codes
