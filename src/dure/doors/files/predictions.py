"""What workers expect the others to answer, out of a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from dure.doors.files.bad_file import bad_file
from dure.doors.files.tables import place_of_row, read_columns


@dataclass(frozen=True, slots=True)
class PredictionRows:
    """Predictions as columns; `rows[i]` is the row that prediction i came from, from 0.

    `values` are the answers that predictions are about; all empty where the file has no column
    of them, as it may for numbers.
    """

    tasks: list[str]
    workers: list[str]
    values: list[str]
    predictions: list[float]
    rows: list[int]


def read_predictions(path: Path, *, file: str = "") -> PredictionRows:
    """Read the columns task, worker, prediction and, where there is one, value.

    Rows without a prediction are left out. A row that repeats another exactly counts once; a
    second, different prediction of a worker for the same task and value is refused.
    """
    file = file or path.name
    table = read_columns(
        path, file=file, required=["task", "worker", "prediction"], optional=["value"]
    )
    tasks, workers, written = table["task"], table["worker"], table["prediction"]
    values = table.get("value") or [""] * len(tasks)
    seen: dict[tuple[str, str, str], float] = {}
    rows: list[int] = []
    for row, what in enumerate(zip(tasks, workers, values, strict=True)):
        if not what[0] or not what[1]:
            raise bad_file(
                "is empty; every prediction needs its task and its worker",
                file=file,
                column="worker" if what[0] else "task",
                **place_of_row(path, row),
            )
        if not written[row].strip():
            continue
        given = _number(written[row], path=path, file=file, row=row)
        if (earlier := seen.setdefault(what, given)) != given:
            about = f" and value {what[2]!r}" if what[2] else ""
            raise bad_file(
                f"is {given:g}, but worker {what[1]!r} predicted {earlier:g} for task "
                f"{what[0]!r}{about} before; keep one of the two",
                file=file,
                column="prediction",
                **place_of_row(path, row),
            )
        if len(seen) > len(rows):
            rows.append(row)
    return PredictionRows(
        tasks=[tasks[row] for row in rows],
        workers=[workers[row] for row in rows],
        values=[values[row] for row in rows],
        predictions=list(seen.values()),
        rows=rows,
    )


def _number(text: str, *, path: Path, file: str, row: int) -> float:
    try:
        # Python itself would read 1_000, which no other program writes.
        number = float(text.replace("_", "?"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise bad_file(
            f"expected a number, got {text!r}; leave the prediction empty where there is none",
            file=file,
            column="prediction",
            **place_of_row(path, row),
        )
    return number
