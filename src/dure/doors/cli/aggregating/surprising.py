"""Verdicts on answers that name a class and came with predictions, for `dure aggregate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dure.doors.cli.aggregating.choices import (
    check_classes,
    classes_of,
    labels_of,
    score_choices,
    verdict_columns,
)
from dure.doors.cli.aggregating.parts import (
    Conclusion,
    Request,
    Source,
    Watch,
    notes_on_fit,
    notes_on_left_out,
    texts,
    truth_of,
    worker_columns,
)
from dure.doors.cli.interrupting import interruptible
from dure.doors.files.answers import AnswerRows
from dure.doors.files.bad_file import BadFile, bad_file
from dure.doors.files.predictions import PredictionRows, read_predictions
from dure.doors.files.tables import place_of_row
from dure.truth import (
    NO_LABEL,
    CodedAnswers,
    Surprise,
    code_choices,
    code_predictions,
    surprisingly_popular,
)

FOR_SURPRISING = {
    "recorded": "in recorded crowds they were right more often",
    "skill": "those who answer better elsewhere give them",
    "gold": "known truths bear them out",
}
FOR_POPULAR = {
    "share": "so many majorities are rarely wrong",
    "skill": "those who answer better elsewhere give these",
    "gold": "known truths bear these out",
}


def conclude_surprising(
    request: Request,
    source: Source,
    rows: AnswerRows,
    *,
    watch: Watch,  # noqa: ARG001
) -> Conclusion:
    if request.method != "auto":
        raise BadFile(
            f"--method {request.method} does not go with --predictions; leave one of them out."
        )
    gold, gold_rows = truth_of(request.gold)
    told = read_predictions(Path(request.predictions), file=request.predictions)
    classes = classes_of(request.classes)
    if classes is not None:
        check_classes(classes, source, rows, gold, gold_file=request.gold, gold_rows=gold_rows)
    _check_predictions(told, classes, file=request.predictions)
    known = classes or sorted({*rows.answers, *gold.values(), *told.values})
    coded = code_choices(rows.tasks, rows.workers, rows.answers, classes=known)
    predictions = code_predictions(coded, told.tasks, told.workers, told.values, told.predictions)
    gold_label = labels_of(gold, coded.tasks, coded.classes)
    surprise = interruptible(
        lambda: surprisingly_popular(
            coded.answers, predictions, gold_label=gold_label if request.gold else None
        )
    )
    posterior = replace(
        surprise.by_votes,
        probability=surprise.probability,
        label=surprise.label,
        skill=surprise.skill,
        skill_low=surprise.skill_low,
        skill_high=surprise.skill_high,
    )
    notes = notes_on_fit(surprise.outcome, n_known=int((gold_label != NO_LABEL).sum()))
    notes += _notes_on_strays(told, rows, file=request.predictions)
    notes.append(note_on_belief(surprise))
    plot = None
    if request.truth:
        scores, plot = score_choices(request, coded, posterior, gold=gold)
        notes += scores + _score_rivals(request, coded, surprise, gold=gold)
    verdicts = verdict_columns(coded, posterior)
    # The last name is that of no label.
    verdicts["surprising"] = texts([*coded.classes, ""])[surprise.surprising]
    verdicts["margin"] = surprise.margin
    workers = worker_columns(coded.workers, posterior, coded.answers.worker_of_answer)
    workers["foresight_error"] = surprise.foresight_error
    return Conclusion(verdicts, workers, notes, plot)


def note_on_belief(surprise: Surprise) -> str:
    """Which answers were believed, and why, for those who know no statistics."""
    compared = surprise.surprising != NO_LABEL
    n_differ = int((compared & (surprise.surprising != surprise.popular)).sum())
    if not compared.any():
        return "No prediction came with an answer that counts, so the votes alone decided."
    where = f"they differ in {n_differ} of {int(compared.sum())} tasks"
    if surprise.believes_surprising:
        why = _strongest(surprise, FOR_SURPRISING, sign=1.0)
        told = "Believed the surprisingly popular answers over the majority's"
    else:
        why = _strongest(surprise, FOR_POPULAR, sign=-1.0)
        told = "Believed the votes over the surprisingly popular answers"
    return f"{told}, for {why} (log odds {surprise.evidence:+.1f}; {where})."


def _notes_on_strays(told: PredictionRows, rows: AnswerRows, *, file: str) -> list[str]:
    answered = set(zip(rows.tasks, rows.workers, strict=True))
    told_by = zip(told.tasks, told.workers, strict=True)
    return notes_on_left_out(sum(who not in answered for who in told_by), file=file)


def _strongest(surprise: Surprise, sentences: dict[str, str], *, sign: float) -> str:
    """What speaks loudest for what was believed."""
    loudest = max(sentences, key=lambda name: sign * float(getattr(surprise.reasons, name)))
    return sentences[loudest]


def _check_predictions(told: PredictionRows, classes: Sequence[str] | None, *, file: str) -> None:
    known = None if classes is None else set(classes)
    for at, (value, share) in enumerate(zip(told.values, told.predictions, strict=True)):
        if not value:
            wrong = "value", "is empty; say which answer the predicted share is of"
        elif known is not None and value not in known:
            wrong = "value", f"expected one of --classes {', '.join(classes or ())}, got {value!r}"
        elif not 0.0 <= share <= 1.0:
            wrong = (
                "prediction",
                f"expected a share from 0 to 1, got {share:g}; divide percentages by 100",
            )
        else:
            continue
        column, sentence = wrong
        place = place_of_row(Path(file), told.rows[at])
        raise bad_file(sentence, file=file, column=column, **place)


def _score_rivals(
    request: Request, coded: CodedAnswers, surprise: Surprise, *, gold: dict[str, str]
) -> list[str]:
    truth, _ = truth_of(request.truth)
    seen = set(coded.classes)
    scored = {task: label for task, label in truth.items() if task not in gold and label in seen}
    true_label = labels_of(scored, coded.tasks, coded.classes)
    known = (true_label != NO_LABEL) & (surprise.surprising != NO_LABEL)
    if not known.any():
        return []
    right = (surprise.surprising == true_label)[known].sum()
    usual = (surprise.popular == true_label)[known].sum()
    return [
        f"surprisingly popular answers right: {right} of {known.sum()}; the majority's: {usual}",
    ]
