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
    notes_on_left_out,
    number_of,
    texts,
    truth_of,
    worker_columns,
)
from dure.doors.cli.interrupting import interruptible
from dure.doors.files.answers import AnswerRows
from dure.doors.files.bad_file import BadFile, bad_file
from dure.doors.files.predictions import read_predictions
from dure.doors.files.tables import place_of_row
from dure.truth import CodedNumbers, Estimates, code_numbers, infer_numbers, score_numbers
from dure.truth.validate import VALUE_MAX


def conclude_numbers(
    request: Request,
    source: Source,
    rows: AnswerRows,
    *,
    watch: Watch,  # noqa: ARG001
) -> Conclusion:
    low, high = _bounds(request)
    values = _values(source, rows, low=low, high=high)
    coded = code_numbers(rows.tasks, rows.workers, values)
    gold = _values_of(coded.tasks, request.gold, low=low, high=high)
    predictions, n_left_out = _predictions(request.predictions, rows)
    estimates = interruptible(
        lambda: infer_numbers(
            coded.numbers,
            method=request.method,  # type: ignore[arg-type]  # checked against METHODS
            gold_value=gold if request.gold else None,
            low=low,
            high=high,
            predictions=None if predictions is None else predictions[coded.row_of_answer],
        )
    )
    notes = notes_on_fit(estimates.outcome, n_known=int((~np.isnan(gold)).sum()))
    notes += _notes(request, estimates, n_left_out=n_left_out)
    if request.truth:
        # These only score, and a wrong bound should show in the scores.
        truth = np.where(np.isnan(gold), _values_of(coded.tasks, request.truth), np.nan)
        notes += _score(estimates, truth)
    return Conclusion(
        _verdicts(coded, estimates),
        worker_columns(coded.workers, estimates, coded.numbers.worker_of_answer),
        notes,
    )


def _verdicts(coded: CodedNumbers, estimates: Estimates) -> Columns:
    return {
        "task": texts(coded.tasks),
        "estimate": estimates.estimate,
        "low": estimates.low,
        "high": estimates.high,
        "answers": estimates.n_answers,
        **({} if estimates.pivot is None else {"pivot": estimates.pivot}),
    }


def _bounds(request: Request) -> tuple[float | None, float | None]:
    bounds = []
    for option, text in (("min", request.least), ("max", request.most)):
        bounds.append(number_of(text) if text else None)
        if text and bounds[-1] is None:
            raise BadFile(f"--{option} {text}: expected a number, as in --{option} 100.")
    low, high = bounds
    if low is not None and high is not None and low >= high:
        raise BadFile(f"--min {low:g} is not below --max {high:g}; swap them or leave one out.")
    return low, high


def _predictions(given: str, rows: AnswerRows) -> tuple[NDArray[np.float64] | None, int]:
    """Each answer's prediction, nan where there is none, and how many had no answer."""
    if not given:
        return None, 0
    found = read_predictions(Path(given), file=given)
    predicted: dict[tuple[str, str], float] = {}
    for who, prediction, row in zip(
        zip(found.tasks, found.workers, strict=True), found.predictions, found.rows, strict=True
    ):
        earlier = predicted.setdefault(who, prediction)
        if earlier != prediction or abs(prediction) > VALUE_MAX:
            raise bad_file(
                f"expected a number from -{VALUE_MAX:g} to {VALUE_MAX:g}, got {prediction:g}"
                if earlier == prediction
                else f"is {prediction:g}, but worker {who[1]!r} predicted {earlier:g} for task "
                f"{who[0]!r} before; keep one of the two",
                file=given,
                column="prediction",
                **place_of_row(Path(given), row),
            )
    answered = list(zip(rows.tasks, rows.workers, strict=True))
    aligned = np.array([predicted.get(who, np.nan) for who in answered], np.float64)
    return aligned, len(predicted.keys() - set(answered))


def _notes(request: Request, estimates: Estimates, *, n_left_out: int) -> list[str]:
    notes = []
    if estimates.scale == "log":
        notes.append("The answers err by factors, so they were concluded on the log scale.")
    notes += notes_on_left_out(n_left_out, file=request.predictions)
    if request.predictions and estimates.crowd.pivot:
        notes.append("Known truths showed that predictions help, so estimates are the pivot's.")
    elif request.predictions:
        notes.append(
            "Predictions moved no estimate, for no known truths (--gold) showed that they help; "
            "the column pivot says where they would."
        )
    return notes


def _values(
    source: Source, rows: AnswerRows, *, low: float | None, high: float | None
) -> NDArray[np.float64]:
    values = np.empty(len(rows.answers))
    for at, text in enumerate(rows.answers):
        value = number_of(text)
        if value is None or not _is_within(value, low=low, high=high):
            raise bad_file(
                f"expected a number, got {text!r}; say --kind choice if these are codes"
                if value is None
                else f"expected a number within --min and --max, got {text!r}; "
                "leave it out or widen them",
                file=source.file,
                column=source.columns["answer"],
                **place_of_row(source.path, rows.rows[at]),
            )
        values[at] = value
    return values


def _is_within(value: float, *, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _values_of(
    tasks: Sequence[str], given: str, *, low: float | None = None, high: float | None = None
) -> NDArray[np.float64]:
    truth, rows = truth_of(given)
    values: dict[str, float] = {}
    for task, text in truth.items():
        value = number_of(text)
        if value is None or not _is_within(value, low=low, high=high):
            raise bad_file(
                f"expected a number, got {text!r}"
                if value is None
                else f"expected a number within --min and --max, got {text!r}; "
                "leave it out or widen them",
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
        _line("RMSE", score.rmse, score.rmse_low, score.rmse_high),
        _line(
            "mean absolute error",
            score.mean_absolute_error,
            score.mean_absolute_error_low,
            score.mean_absolute_error_high,
        ),
        _line(
            "coverage of the 90 % intervals",
            score.coverage,
            score.coverage_low,
            score.coverage_high,
        ),
    ]


def _line(name: str, value: float, low: float, high: float) -> str:
    return f"{name}: {value:.6f} ({low:.6g} to {high:.6g})"
