"""The work behind `dure aggregate`: read, fit, score, write."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dure.doors.files.answers import AnswerRows, read_answers, read_truth
from dure.doors.files.bad_file import BadFile, bad_file
from dure.doors.files.tables import format_of, place_of_row
from dure.doors.files.verdicts import stream_verdicts, write_verdicts
from dure.truth import (
    NO_LABEL,
    CodedAnswers,
    CodedNumbers,
    Estimates,
    Outcome,
    Posterior,
    code_choices,
    code_numbers,
    infer,
    infer_numbers,
    score_labels,
    score_numbers,
)
from dure.truth.validate import VALUE_MAX

STANDARD = "-"
ROLES = ("task", "worker", "answer")
KINDS = ("auto", "choice", "number")
KINDS_PLANNED = ("multi", "pair", "text")
METHODS: dict[str, tuple[str, ...]] = {
    "choice": ("auto", "majority", "shared-accuracy", "one-coin", "dawid-skene", "task-difficulty"),
    "number": ("auto", "robust-mean"),
}
# More distinct numbers than this are taken for measurements, fewer for codes.
N_CODES_MAX = 20
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Request:
    """The command's options as they were given; '' is one that was not."""

    answers: str
    out: str
    columns: str = ""
    kind: str = "auto"
    method: str = "auto"
    classes: str = ""
    gold: str = ""
    truth: str = ""
    workers: str = ""
    predictions: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """A file, what to call it in messages, and what its columns are called."""

    path: Path
    file: str
    columns: dict[str, str]


def aggregate_file(request: Request, *, advance: Callable[[str], None]) -> list[str]:
    """Write the verdicts and return what to tell the user; nothing is written on bad input."""
    _check_options(request)
    with _source(request) as source:
        rows = read_answers(source.path, file=source.file, columns=source.columns)
        if not rows.tasks:
            raise bad_file(
                "there are no answers to aggregate; every row is a skip or left out, or none came",
                file=source.file,
            )
        kind = _kind(request.kind, rows.answers)
        if request.method not in METHODS[kind]:
            raise BadFile(
                f"--method {request.method} does not fit answers of kind {kind}; "
                f"expected {', '.join(METHODS[kind])}."
            )
        advance("Fitting")
        conclude = _conclude_choices if kind == "choice" else _conclude_numbers
        verdicts, workers, notes = conclude(request, source, rows)
    advance("Writing")
    if request.workers:
        write_verdicts(workers, path=Path(request.workers))
    if request.out == STANDARD:
        stream_verdicts(verdicts, stream=sys.stdout.buffer)
    else:
        write_verdicts(verdicts, path=Path(request.out))
    advance("Done")
    return _notes_on_rows(rows, source.file) + notes


def _check_options(request: Request) -> None:
    if request.kind in KINDS_PLANNED:
        raise BadFile(f"--kind {request.kind} is not supported yet; expected {_listed(KINDS)}.")
    if request.kind not in KINDS:
        raise BadFile(f"--kind {request.kind} is not known; expected {_listed(KINDS)}.")
    methods = sorted({name for names in METHODS.values() for name in names})
    if request.method not in methods:
        raise BadFile(f"--method {request.method} is not known; expected {_listed(methods)}.")
    if request.predictions:
        raise BadFile("--predictions is not supported yet; leave it out.")
    if request.kind == "number" and request.classes:
        raise BadFile("--classes has no meaning for numbers; leave it out.")
    for target in (request.out, request.workers):
        if target not in ("", STANDARD):
            format_of(Path(target), file=target)
            if not Path(target).parent.is_dir():
                raise bad_file("its folder does not exist; make it first", file=target)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


@contextmanager
def _source(request: Request) -> Iterator[_Source]:
    columns = _columns(request.columns)
    if request.answers != STANDARD:
        yield _Source(Path(request.answers), request.answers, columns)
        return
    # DuckDB reads a file twice as fast as a pipe, and a message needs the line afterwards.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stdin.csv"
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield _Source(path, "stdin", columns)


def _columns(given: str) -> dict[str, str]:
    columns = {role: role for role in ROLES}
    for part in filter(None, given.split(",")):
        role, equals, name = part.partition("=")
        if role not in ROLES or not equals or not name:
            raise BadFile(
                f"--columns {given}: expected task=NAME,worker=NAME,answer=NAME, got {part!r}."
            )
        columns[role] = name
    if len(set(columns.values())) < len(ROLES):
        raise BadFile(f"--columns {given}: expected three different columns.")
    return columns


def _kind(given: str, answers: Sequence[str]) -> Literal["choice", "number"]:
    if given != "auto":
        return "number" if given == "number" else "choice"
    distinct = set(answers)
    if len(distinct) > N_CODES_MAX and all(_number(text) is not None for text in distinct):
        return "number"
    return "choice"


def _number(text: str) -> float | None:
    if not NUMBER.fullmatch(text.strip()):
        return None
    value = float(text)
    return value if abs(value) <= VALUE_MAX else None


Columns = dict[str, NDArray[Any]]


def _conclude_choices(
    request: Request, source: _Source, rows: AnswerRows
) -> tuple[Columns, Columns, list[str]]:
    gold, gold_rows = _truth(request.gold)
    classes = _classes(request.classes)
    if classes is None:
        classes = sorted({*rows.answers, *gold.values()})
    else:
        _check_classes(classes, source, rows, gold, gold_file=request.gold, gold_rows=gold_rows)
    coded = code_choices(rows.tasks, rows.workers, rows.answers, classes=classes)
    gold_label = _labels(gold, coded.tasks, coded.classes)
    posterior = infer(
        coded.answers,
        method=request.method,  # type: ignore[arg-type]  # checked against METHODS
        gold_label=gold_label if request.gold else None,
    )
    notes = _notes_on_fit(posterior.outcome, n_known=int((gold_label != NO_LABEL).sum()))
    if request.truth:
        notes += _score_choices(request.truth, coded, posterior, gold=gold)
    n_given = np.bincount(coded.answers.worker_of_answer, minlength=len(coded.workers))
    return (
        _choice_columns(coded, posterior),
        _worker_columns(coded.workers, posterior.skill, n_given),
        notes,
    )


def _choice_columns(coded: CodedAnswers, posterior: Posterior) -> Columns:
    top = posterior.probability.max(axis=1)
    return {
        "task": _texts(coded.tasks),
        "label": _texts(coded.classes)[posterior.label],
        "probability": top,
        "answers": posterior.n_answers,
        **{f"p:{name}": posterior.probability[:, at] for at, name in enumerate(coded.classes)},
    }


def _conclude_numbers(
    request: Request, source: _Source, rows: AnswerRows
) -> tuple[Columns, Columns, list[str]]:
    if request.classes:
        raise BadFile("--classes has no meaning for numbers; leave it out or say --kind choice.")
    coded = code_numbers(rows.tasks, rows.workers, _values(source, rows))
    gold = _values_of(coded.tasks, request.gold)
    estimates = infer_numbers(
        coded.numbers,
        method=request.method,  # type: ignore[arg-type]  # checked against METHODS
        gold_value=gold if request.gold else None,
    )
    notes = _notes_on_fit(estimates.outcome, n_known=int((~np.isnan(gold)).sum()))
    if request.truth:
        truth = np.where(np.isnan(gold), _values_of(coded.tasks, request.truth), np.nan)
        notes += _score_numbers(estimates, truth)
    n_given = np.bincount(coded.numbers.worker_of_answer, minlength=len(coded.workers))
    return (
        _number_columns(coded, estimates),
        _worker_columns(coded.workers, estimates.skill, n_given),
        notes,
    )


def _number_columns(coded: CodedNumbers, estimates: Estimates) -> Columns:
    return {
        "task": _texts(coded.tasks),
        "estimate": estimates.estimate,
        "low": estimates.low,
        "high": estimates.high,
        "answers": estimates.n_answers,
    }


def _worker_columns(
    workers: Sequence[str], skill: NDArray[np.float64], n_given: NDArray[Any]
) -> Columns:
    return {"worker": _texts(workers), "skill": skill, "answers": n_given.astype(np.int32)}


def _texts(names: Sequence[str]) -> NDArray[Any]:
    array = np.empty(len(names), dtype=object)
    array[:] = names
    return array


def _classes(given: str) -> list[str] | None:
    if not given:
        return None
    classes = given.split(",")
    if "" in classes or len(set(classes)) < len(classes):
        raise BadFile(f"--classes {given}: expected distinct names with commas between, as in a,b.")
    return classes


def _check_classes(
    classes: Sequence[str],
    source: _Source,
    rows: AnswerRows,
    gold: dict[str, str],
    *,
    gold_file: str,
    gold_rows: dict[str, int],
) -> None:
    known = set(classes)
    expected = f"expected one of --classes {', '.join(classes)}"
    for row, answer in zip(rows.rows, rows.answers, strict=True):
        if answer not in known:
            raise bad_file(
                f"{expected}, got {answer!r}",
                file=source.file,
                column=source.columns["answer"],
                **place_of_row(source.path, row),
            )
    for task, label in gold.items():
        if label not in known:
            raise bad_file(
                f"{expected}, got {label!r}",
                file=gold_file,
                column="truth",
                **place_of_row(Path(gold_file), gold_rows[task]),
            )


def _truth(given: str) -> tuple[dict[str, str], dict[str, int]]:
    return read_truth(Path(given), file=given) if given else ({}, {})


def _labels(
    truth: dict[str, str], tasks: Sequence[str], classes: Sequence[str]
) -> NDArray[np.int32]:
    place = {name: at for at, name in enumerate(classes)}
    found = (place[truth[task]] if task in truth else NO_LABEL for task in tasks)
    return np.fromiter(found, np.int32, len(tasks))


def _values(source: _Source, rows: AnswerRows) -> NDArray[np.float64]:
    values = np.empty(len(rows.answers))
    for at, text in enumerate(rows.answers):
        value = _number(text)
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
    truth, rows = _truth(given)
    values: dict[str, float] = {}
    for task, text in truth.items():
        value = _number(text)
        if value is None:
            raise bad_file(
                f"expected a number, got {text!r}",
                file=given,
                column="truth",
                **place_of_row(Path(given), rows[task]),
            )
        values[task] = value
    return np.fromiter((values.get(task, np.nan) for task in tasks), np.float64, len(tasks))


def _score_choices(
    given: str, coded: CodedAnswers, posterior: Posterior, *, gold: dict[str, str]
) -> list[str]:
    truth, _ = _truth(given)
    # Known tasks were told, not concluded.
    scored = {task: label for task, label in truth.items() if task not in gold}
    # A true class that nobody answered had no probability.
    unseen = sorted(set(scored.values()) - set(coded.classes))
    classes = [*coded.classes, *unseen]
    probability = np.pad(posterior.probability, ((0, 0), (0, len(unseen))))
    score = score_labels(probability, _labels(scored, coded.tasks, classes))
    if not score.n_scored:
        return [f"{given}: no task of the answers has a truth here, so nothing was scored."]
    return [
        f"scored tasks: {score.n_scored}",
        f"accuracy: {score.accuracy:.6f}",
        f"log loss: {score.log_loss:.6f}",
        f"Brier: {score.brier:.6f}",
        f"ECE: {score.calibration_error:.6f}",
    ]


def _score_numbers(estimates: Estimates, truth: NDArray[np.float64]) -> list[str]:
    score = score_numbers(estimates.estimate, estimates.low, estimates.high, truth)
    if not score.n_scored:
        return ["No task of the answers has a truth, so nothing was scored."]
    return [
        f"scored tasks: {score.n_scored}",
        f"RMSE: {score.rmse:.6f}",
        f"mean absolute error: {score.mean_absolute_error:.6f}",
        f"coverage of the 90 % intervals: {score.coverage:.6f}",
    ]


def _notes_on_fit(outcome: Outcome, *, n_known: int) -> list[str]:
    notes = [f"Known from --gold and held fixed: {n_known} tasks."] if n_known else []
    if outcome not in (Outcome.SETTLED, Outcome.DIRECT):
        notes.append(outcome.value)
    return notes


def _notes_on_rows(rows: AnswerRows, file: str) -> list[str]:
    counts = {
        "skips": rows.n_skips,
        "late answers": rows.n_late,
        "revisions (only first answers count)": rows.n_revisions,
        "exact repeats": rows.n_repeats,
    }
    left_out = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return [f"{file}: left out {left_out}."] if left_out else []
