"""Verdicts on answers that mark boxes on a picture, for `dure aggregate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from dure.doors.cli.aggregating.parts import (
    Columns,
    Conclusion,
    Request,
    Source,
    Watch,
    notes_on_fit,
    texts,
    truth_of,
    worker_columns,
)
from dure.doors.cli.interrupting import interruptible
from dure.doors.files.answers import AnswerRows
from dure.doors.files.bad_file import bad_file
from dure.doors.files.tables import place_of_row
from dure.nesting import read_json
from dure.truth import (
    CodedBoxes,
    MergedBoxes,
    code_boxes,
    code_known_boxes,
    infer_boxes,
    score_boxes,
)

Drawn: TypeAlias = list[dict[str, Any]]

SIDES = ("x", "y", "w", "h")
# Sums of rounded sides may reach so far beyond the picture.
TOLERANCE = 1e-4
EXPECTED = (
    'expected boxes as JSON in fractions of the picture, [{"x": .1, "y": .2, "w": .3, "h": .1}], '
    "perhaps each with a label"
)


def conclude_boxes(
    request: Request, source: Source, rows: AnswerRows, *, watch: Watch
) -> Conclusion:
    answers = [
        _drawn(text, row, path=source.path, file=source.file, column=source.columns["answer"])
        for text, row in zip(rows.answers, rows.rows, strict=True)
    ]
    has_label = _check_all_or_none(answers, source, rows)
    gold = _truths(request.gold, has_label=has_label)
    # What is true may have more labels than were asked for.
    truth = _truths(request.truth, has_label=has_label or None)
    classes = {
        box["label"] for drawn in (*answers, *gold.values()) for box in drawn if _is_labelled(box)
    }
    coded = code_boxes(rows.tasks, rows.workers, answers, classes=classes)
    known = code_known_boxes(coded, gold)
    merged = interruptible(
        lambda: infer_boxes(
            coded.boxes, gold=known if request.gold else None, progress=watch.fit_round
        )
    )
    notes = notes_on_fit(merged.outcome, n_known=int(known.is_known.sum()))
    if request.truth:
        notes += _score(coded, merged, truth, gold, file=request.truth)
    workers = worker_columns(coded.workers, merged, coded.boxes.worker_of_answer)
    workers |= {"precision": merged.precision}
    return Conclusion(_verdicts(coded, merged), workers, notes)


def _verdicts(coded: CodedBoxes, merged: MergedBoxes) -> Columns:
    """One row for each merged box, and one for each task where nothing was marked."""
    n_each = np.bincount(merged.task, minlength=len(coded.tasks))
    empty = np.flatnonzero(n_each == 0).astype(np.int32)
    task = np.concatenate([merged.task, empty])
    order = np.argsort(task, kind="stable")
    task = task[order]
    nothing = np.full(len(empty), np.nan)
    corners = np.concatenate([merged.corners, np.full((len(empty), 4), np.nan)])[order]
    without = np.full(len(empty) if coded.classes else len(task), -1, np.int32)
    label = np.concatenate([merged.label, without]) if coded.classes else without
    return {
        "task": texts(coded.tasks)[task],
        "x": corners[:, 0],
        "y": corners[:, 1],
        "w": corners[:, 2] - corners[:, 0],
        "h": corners[:, 3] - corners[:, 1],
        "label": _names(coded)[label[order]],
        "probability": np.concatenate([merged.probability, nothing])[order],
        "marked": np.concatenate([merged.n_marked, np.zeros(len(empty), np.int32)])[order],
        "answers": merged.n_answers[task],
    }


def _names(coded: CodedBoxes) -> NDArray[Any]:
    """The classes, and last nothing, for what has no label."""
    names = np.empty(len(coded.classes) + 1, dtype=object)
    names[:-1] = coded.classes
    return names


def _truths(given: str, *, has_label: bool | None) -> dict[str, Drawn]:
    """Known boxes by task, with a label or without, as answers are; None is either."""
    truth, rows = truth_of(given)
    known: dict[str, Drawn] = {}
    for task, text in truth.items():
        drawn = _drawn(text, rows[task], path=Path(given), file=given, column="truth")
        if has_label is not None and any(_is_labelled(box) != has_label for box in drawn):
            raise bad_file(
                "expected a label on each box, as the answers have"
                if has_label
                else "expected no labels, for the answers have none",
                file=given,
                column="truth",
                **place_of_row(Path(given), rows[task]),
            )
        known[task] = drawn
    return known


def _drawn(text: str, row: int, *, path: Path, file: str, column: str) -> Drawn:
    try:
        value = read_json(text)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, list) and all(_is_box(box) for box in value):
        return value
    came = text if len(text) <= 80 else f"{text[:80]}…"
    raise bad_file(f"{EXPECTED}, got {came}", file=file, column=column, **place_of_row(path, row))


def _is_box(box: object) -> bool:
    if not isinstance(box, dict) or not set(SIDES) <= set(box) <= {*SIDES, "label"}:
        return False
    x, y, w, h = (box[side] for side in SIDES)
    if not all(type(side) in (int, float) for side in (x, y, w, h)):
        return False
    if min(x, y) < 0 or min(w, h) <= 0:
        return False
    is_label = box.get("label") is None or (isinstance(box["label"], str) and box["label"])
    return bool(is_label) and bool(max(x + w, y + h) <= 1.0 + TOLERANCE)


def _is_labelled(box: Mapping[str, Any]) -> bool:
    return box.get("label") is not None


def _check_all_or_none(answers: list[Drawn], source: Source, rows: AnswerRows) -> bool | None:
    """Say whether boxes have labels; None where there are no boxes."""
    has_label: bool | None = None
    for drawn, row in zip(answers, rows.rows, strict=True):
        for box in drawn:
            if has_label is None:
                has_label = _is_labelled(box)
            if _is_labelled(box) != has_label:
                raise bad_file(
                    "expected a label on each box or on none, got some with and some without",
                    file=source.file,
                    column=source.columns["answer"],
                    **place_of_row(source.path, row),
                )
    return has_label


def _score(
    coded: CodedBoxes,
    merged: MergedBoxes,
    truth: Mapping[str, Drawn],
    gold: Mapping[str, Drawn],
    *,
    file: str,
) -> list[str]:
    # Known tasks were told, not concluded.
    scored = {task: drawn for task, drawn in truth.items() if task not in gold}
    unseen = {
        box["label"]
        for drawn in scored.values()
        for box in drawn
        if _is_labelled(box) and box["label"] not in coded.classes
    }
    true = code_known_boxes(coded, scored, more_classes=unseen)
    if not true.is_known.any():
        return [f"{file}: no task of the answers has a truth here, so nothing was scored."]
    score = score_boxes(
        merged.task,
        merged.corners,
        merged.probability,
        true,
        label=merged.label,
        low=merged.low,
        high=merged.high,
    )
    lines = [f"scored tasks: {score.n_tasks}"]
    for name, value in (
        ("precision at IoU .5", score.precision),
        ("recall at IoU .5", score.recall),
        ("F1 at IoU .5", score.f1),
        ("F1 at IoU .75", score.f1_strict),
        ("mean IoU of those found", score.overlap),
        ("label accuracy", score.label_accuracy if coded.classes else np.nan),
        ("log loss", score.log_loss),
        ("ECE", score.calibration_error),
        ("coverage of the corners' 90 % intervals", score.coverage),
    ):
        # What there was nothing for, such as recall where no box is true.
        if not np.isnan(value):
            lines.append(f"{name}: {value:.6f}")
    return lines
