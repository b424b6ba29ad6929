"""Verdicts on answers in words, for `dure aggregate`."""

from __future__ import annotations

from collections.abc import Sequence

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
from dure.truth import CodedTexts, TextPosterior, code_texts, infer_texts, score_texts


def conclude_texts(
    request: Request,
    source: Source,  # noqa: ARG001
    rows: AnswerRows,
    *,
    watch: Watch,
) -> Conclusion:
    coded = code_texts(rows.tasks, rows.workers, rows.answers)
    gold, _ = truth_of(request.gold)
    posterior = interruptible(
        lambda: infer_texts(
            coded.texts,
            method=request.method,
            gold_text=[gold.get(task) for task in coded.tasks],
            progress=watch.fit_round,
        )
    )
    n_known = sum(task in gold for task in coded.tasks)
    notes = notes_on_fit(posterior.outcome, n_known=n_known)
    if request.truth:
        notes += _score(request, coded, posterior, gold=gold)
    return Conclusion(
        _verdicts(coded, posterior),
        worker_columns(coded.workers, posterior, coded.texts.worker_of_answer),
        notes,
    )


def _verdicts(coded: CodedTexts, posterior: TextPosterior) -> Columns:
    return {
        "task": texts(coded.tasks),
        "label": texts(posterior.spelling_of_cluster)[posterior.best],
        "probability": posterior.probability_of_cluster[posterior.best],
        "share": posterior.share_of_cluster[posterior.best],
        "answers": posterior.n_answers,
    }


def _score(
    request: Request, coded: CodedTexts, posterior: TextPosterior, *, gold: dict[str, str]
) -> list[str]:
    truth, _ = truth_of(request.truth)
    # Known tasks were told, not concluded.
    known: Sequence[str | None] = [
        None if task in gold else truth.get(task) for task in coded.tasks
    ]
    score = score_texts(posterior, known)
    if not score.n_scored:
        return [f"{request.truth}: no task of the answers has a truth here, so nothing was scored."]
    return [
        f"scored tasks: {score.n_scored}",
        f"accuracy: {score.accuracy:.6f} ({score.accuracy_low:.4f} to {score.accuracy_high:.4f})",
        f"accuracy to the letter: {score.accuracy_as_written:.6f}",
        f"log loss: {score.log_loss:.6f}",
        f"ECE: {score.calibration_error:.6f}",
    ]
