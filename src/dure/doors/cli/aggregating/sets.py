"""Verdicts on answers that name any number of classes, for `dure aggregate`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from dure.doors.cli.aggregating.choices import classes_of
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
from dure.doors.files.bad_file import BadFile, bad_file
from dure.doors.files.tables import place_of_row
from dure.nesting import read_json
from dure.truth import CodedSets, SetPosterior, SetScore, code_sets, infer_sets, score_sets

EXPECTED = 'expected a list of classes, each once, as in ["a", "b"] or []'
SIZE = re.compile(r"[0-9]{1,6}")


def conclude_sets(
    request: Request, source: Source, rows: AnswerRows, *, watch: Watch
) -> Conclusion:
    classes = classes_of(request.classes)
    least, most = _sizes(request)
    values = [
        _value(text, classes, partial(_bad_answer, source, row))
        for row, text in zip(rows.rows, rows.answers, strict=True)
    ]
    gold, truth = (_known(file, classes) for file in (request.gold, request.truth))
    named = {name for value in (*values, *gold.values()) for name in value}
    if not (classes or named):
        raise bad_file(
            "no answer names a class; say --classes with all options of the question",
            file=source.file,
        )
    coded = code_sets(rows.tasks, rows.workers, values, classes=classes or named)
    _check_sizes(least, most, n_classes=len(coded.classes))
    gold_set = _marks(gold, coded.tasks, coded.classes)
    posterior = interruptible(
        lambda: infer_sets(
            coded.sets,
            gold_set=gold_set if request.gold else None,
            least=least,
            most=most,
            progress=watch.fit_round,
        )
    )
    notes = notes_on_fit(posterior.outcome, n_known=int((gold_set[:, 0] >= 0).sum()))
    if request.truth:
        # Known tasks were told, not concluded.
        scored = {task: value for task, value in truth.items() if task not in gold}
        notes += _score(request, coded, posterior, scored)
    return Conclusion(
        _verdicts(coded, posterior),
        worker_columns(coded.workers, posterior, coded.sets.worker_of_answer),
        notes,
    )


def _sizes(request: Request) -> tuple[int, int | None]:
    """How many classes the question allows, from the least to the most; None is any number."""
    for option, text in (("min", request.least), ("max", request.most)):
        if text and not SIZE.fullmatch(text):
            raise BadFile(f"--{option} {text}: expected how many classes, as in --{option} 2.")
    return int(request.least or 0), int(request.most) if request.most else None


def _check_sizes(least: int, most: int | None, *, n_classes: int) -> None:
    if most is not None and not least <= most <= n_classes:
        raise BadFile(
            f"--max {most}: expected a number from --min, {least}, to that of the classes, "
            f"{n_classes}; say --classes with all options of the question."
        )
    if least > n_classes:
        raise BadFile(
            f"--min {least} is more than the {n_classes} classes; say --classes with all options "
            "of the question."
        )


def _known(file: str, classes: Sequence[str] | None) -> dict[str, list[str]]:
    truth, rows = truth_of(file)
    return {
        task: _value(text, classes, partial(_bad_truth, file, rows[task]))
        for task, text in truth.items()
    }


def _value(text: str, classes: Sequence[str] | None, refuse: Callable[[str], BadFile]) -> list[str]:
    """The classes that a cell names; `refuse` makes the refusal of what is wrong with it."""
    try:
        value: Any = read_json(text)
    except orjson.JSONDecodeError:
        raise refuse(f"{EXPECTED}, got {text[:80]!r}") from None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise refuse(f"{EXPECTED}, got {text[:80]!r}")
    if len(set(value)) < len(value):
        raise refuse(f"{EXPECTED}, got {text[:80]!r}")
    stray = next((one for one in value if classes is not None and one not in classes), None)
    if stray is not None:
        raise refuse(f"expected classes of --classes {', '.join(classes or ())}, got {stray!r}")
    return value


def _bad_answer(source: Source, row: int, what: str) -> BadFile:
    column = source.columns["answer"]
    return bad_file(what, file=source.file, column=column, **place_of_row(source.path, row))


def _bad_truth(file: str, row: int, what: str) -> BadFile:
    return bad_file(what, file=file, column="truth", **place_of_row(Path(file), row))


def _marks(
    known: dict[str, list[str]], tasks: Sequence[str], classes: Sequence[str]
) -> NDArray[np.int8]:
    place = {name: at for at, name in enumerate(classes)}
    marks = np.full((len(tasks), len(classes)), -1, np.int8)
    for row, task in enumerate(tasks):
        if task in known:
            marks[row] = 0
            marks[row, [place[name] for name in known[task]]] = 1
    return marks


def _verdicts(coded: CodedSets, posterior: SetPosterior) -> Columns:
    names = np.array(coded.classes, dtype=object)
    labels = [json.dumps(names[row].tolist(), ensure_ascii=False) for row in posterior.chosen]
    return {
        "task": texts(coded.tasks),
        "label": texts(labels),
        "probability": posterior.sureness,
        "answers": posterior.n_answers,
        **{f"p:{name}": posterior.probability[:, at] for at, name in enumerate(coded.classes)},
    }


def _score(
    request: Request, coded: CodedSets, posterior: SetPosterior, truth: dict[str, list[str]]
) -> list[str]:
    named = {name for task in coded.tasks for name in truth.get(task, ())}
    # A true class that nobody named had no chance to be concluded, but counts.
    unseen = sorted(named - set(coded.classes))
    more = ((0, 0), (0, len(unseen)))
    score = score_sets(
        np.pad(posterior.probability, more),
        np.pad(posterior.chosen, more),
        posterior.sureness,
        _marks(truth, coded.tasks, [*coded.classes, *unseen]),
    )
    if score.n_scored:
        return _lines(score)
    return [f"{request.truth}: no task of the answers has a truth here, so nothing was scored."]


def _lines(score: SetScore) -> list[str]:
    return [
        f"scored tasks: {score.n_scored}",
        f"whole sets right: {score.exact:.6f} ({score.exact_low:.4f} to {score.exact_high:.4f})",
        f"labels wrong: {score.label_error:.6f}",
        f"F1: {score.f1:.6f}",
        f"log loss of a label: {score.log_loss:.6f}",
        f"ECE of whole sets: {score.calibration_error:.6f}",
    ]
