"""Verdicts on answers that are numbers, for `dure aggregate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dure.doors.cli.aggregating.parts import (
    Columns,
    Conclusion,
    Request,
    Source,
    Watch,
    notes_on_fit,
    number_of,
    texts,
    truth_of,
)
from dure.doors.cli.interrupting import interruptible
from dure.doors.files.answers import AnswerRows
from dure.doors.files.bad_file import BadFile, bad_file
from dure.doors.files.tables import place_of_row
from dure.truth import CodedNumbers, Estimates, code_numbers, infer_numbers, score_numbers
from dure.truth.majority import count_answers


def conclude_numbers(
    request: Request,
    source: Source,
    rows: AnswerRows,
    *,
    watch: Watch,  # noqa: ARG001
) -> Conclusion:
    for option in ("classes", "plot"):
        if getattr(request, option):
            raise BadFile(
                f"--{option} has no meaning for numbers; leave it out or say --kind choice."
            )
    coded = code_numbers(rows.tasks, rows.workers, _values(source, rows))
    gold = _values_of(coded.tasks, request.gold)
    estimates = interruptible(
        lambda: infer_numbers(
            coded.numbers,
            method=request.method,  # type: ignore[arg-type]  # checked against METHODS
            gold_value=gold if request.gold else None,
        )
    )
    notes = notes_on_fit(estimates.outcome, n_known=int((~np.isnan(gold)).sum()))
    if request.truth:
        truth = np.where(np.isnan(gold), _values_of(coded.tasks, request.truth), np.nan)
        notes += _score(estimates, truth)
    return Conclusion(_verdicts(coded, estimates), _workers(coded, estimates), notes)


def _workers(coded: CodedNumbers, estimates: Estimates) -> Columns:
    return {
        "worker": texts(coded.workers),
        "skill": estimates.skill,
        "answers": count_answers(coded.numbers.worker_of_answer, len(coded.workers)),
    }


def _verdicts(coded: CodedNumbers, estimates: Estimates) -> Columns:
    return {
        "task": texts(coded.tasks),
        "estimate": estimates.estimate,
        "low": estimates.low,
        "high": estimates.high,
        "answers": estimates.n_answers,
    }


def _values(source: Source, rows: AnswerRows) -> NDArray[np.float64]:
    values = np.empty(len(rows.answers))
    for at, text in enumerate(rows.answers):
        value = number_of(text)
        if value is None:
            raise bad_file(
                f"expected a number, got {text!r}; say --kind choice if these are codes",
                file=source.file,
                column=source.columns["answer"],
                **place_of_row(source.path, rows.rows[at]),
            )
        values[at] = value
    return values


def _values_of(tasks: Sequence[str], given: str) -> NDArray[np.float64]:
    truth, rows = truth_of(given)
    values: dict[str, float] = {}
    for task, text in truth.items():
        value = number_of(text)
        if value is None:
            raise bad_file(
                f"expected a number, got {text!r}",
                file=given,
                column="truth",
                **place_of_row(Path(given), rows[task]),
            )
        values[task] = value
    return np.fromiter((values.get(task, np.nan) for task in tasks), np.float64, len(tasks))


def _score(estimates: Estimates, truth: NDArray[np.float64]) -> list[str]:
    score = score_numbers(estimates.estimate, estimates.low, estimates.high, truth)
    if not score.n_scored:
        return ["No task of the answers has a truth, so nothing was scored."]
    return [
        f"scored tasks: {score.n_scored}",
        f"RMSE: {score.rmse:.6f}",
        f"mean absolute error: {score.mean_absolute_error:.6f}",
        f"coverage of the 90 % intervals: {score.coverage:.6f}",
    ]
