"""Verdicts on answers that name a class, for `dure aggregate`."""

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
    texts,
    truth_of,
    worker_columns,
)
from dure.doors.cli.interrupting import interruptible
from dure.doors.files.answers import AnswerRows
from dure.doors.files.bad_file import BadFile, bad_file
from dure.doors.files.drawings import Drawing
from dure.doors.files.reliability_diagrams import Bin, reliability_diagram
from dure.doors.files.tables import place_of_row
from dure.truth import (
    NO_LABEL,
    CodedAnswers,
    FitOptions,
    Posterior,
    Score,
    code_choices,
    infer,
    reliability,
    score_labels,
)


def conclude_choices(
    request: Request, source: Source, rows: AnswerRows, *, watch: Watch
) -> Conclusion:
    gold, gold_rows = truth_of(request.gold)
    classes = classes_of(request.classes)
    if classes is None:
        classes = sorted({*rows.answers, *gold.values()})
    else:
        check_classes(classes, source, rows, gold, gold_file=request.gold, gold_rows=gold_rows)
    coded = code_choices(rows.tasks, rows.workers, rows.answers, classes=classes)
    gold_label = labels_of(gold, coded.tasks, coded.classes)
    posterior = interruptible(
        lambda: infer(
            coded.answers,
            method=request.method,  # type: ignore[arg-type]  # checked against METHODS
            gold_label=gold_label if request.gold else None,
            options=FitOptions(progress=watch.fit_round),
        )
    )
    notes = notes_on_fit(posterior.outcome, n_known=int((gold_label != NO_LABEL).sum()))
    plot = None
    if request.truth:
        scores, plot = score_choices(request, coded, posterior, gold=gold)
        notes += scores
    return Conclusion(
        verdict_columns(coded, posterior),
        worker_columns(coded.workers, posterior, coded.answers.worker_of_answer),
        notes,
        plot,
    )


def verdict_columns(coded: CodedAnswers, posterior: Posterior) -> Columns:
    return {
        "task": texts(coded.tasks),
        "label": texts(coded.classes)[posterior.label],
        "probability": posterior.probability[np.arange(len(coded.tasks)), posterior.label],
        "answers": posterior.n_answers,
        **{f"p:{name}": posterior.probability[:, at] for at, name in enumerate(coded.classes)},
    }


def classes_of(given: str) -> list[str] | None:
    if not given:
        return None
    classes = given.split(",")
    if "" in classes or len(set(classes)) < len(classes):
        raise BadFile(f"--classes {given}: expected distinct names with commas between, as in a,b.")
    return classes


def check_classes(
    classes: Sequence[str],
    source: Source,
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


def labels_of(
    truth: dict[str, str], tasks: Sequence[str], classes: Sequence[str]
) -> NDArray[np.int32]:
    place = {name: at for at, name in enumerate(classes)}
    found = (place[truth[task]] if task in truth else NO_LABEL for task in tasks)
    return np.fromiter(found, np.int32, len(tasks))


def score_choices(
    request: Request, coded: CodedAnswers, posterior: Posterior, *, gold: dict[str, str]
) -> tuple[list[str], Drawing | None]:
    truth, _ = truth_of(request.truth)
    # Known tasks were told, not concluded.
    scored = {task: label for task, label in truth.items() if task not in gold}
    # A true class that nobody answered had no probability.
    unseen = sorted(set(scored.values()) - set(coded.classes))
    probability = np.pad(posterior.probability, ((0, 0), (0, len(unseen))))
    true_label = labels_of(scored, coded.tasks, [*coded.classes, *unseen])
    score = score_labels(probability, true_label)
    if score.n_scored:
        plot = _plot(probability, true_label, score) if request.plot else None
        return _lines(score), plot
    nothing = f"{request.truth}: no task of the answers has a truth here, so nothing was scored"
    if request.plot:
        raise BadFile(f"{nothing}; give the truth of some tasks, or leave --plot out.")
    return [f"{nothing}."], None


def _lines(score: Score) -> list[str]:
    return [
        f"scored tasks: {score.n_scored}",
        _line("accuracy", score.accuracy, score.accuracy_low, score.accuracy_high),
        _line("log loss", score.log_loss, score.log_loss_low, score.log_loss_high),
        _line("Brier", score.brier, score.brier_low, score.brier_high),
        _line(
            "ECE",
            score.calibration_error,
            score.calibration_error_low,
            score.calibration_error_high,
        ),
    ]


def _line(name: str, value: float, low: float, high: float) -> str:
    return f"{name}: {value:.6f} ({low:.4f} to {high:.4f})"


def _plot(probability: NDArray[np.float64], true_label: NDArray[np.int32], score: Score) -> Drawing:
    found = reliability(probability, true_label)
    columns = (found.probability, found.share_right, found.low, found.high, found.n_tasks)
    bins = [Bin(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    return reliability_diagram(
        bins,
        accuracy=score.accuracy,
        log_loss=score.log_loss,
        calibration_error=score.calibration_error,
    )
