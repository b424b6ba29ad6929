"""Verdicts on items that were compared two by two, for `dure aggregate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dure.doors.cli.aggregating.items import (
    notes_on_components,
    notes_on_gold,
    verdicts_on_items,
)
from dure.doors.cli.aggregating.parts import (
    Conclusion,
    Request,
    Source,
    Watch,
    notes_on_fit,
    truth_of,
    worker_columns,
)
from dure.doors.cli.interrupting import interruptible
from dure.doors.files.answers import LATE, PHASE, AnswerRows, as_given
from dure.doors.files.bad_file import bad_file
from dure.doors.files.tables import place_of_row, read_columns
from dure.truth import (
    NO_LABEL,
    CodedPairs,
    Ranking,
    code_pairs,
    infer_pairs,
    order_of,
    score_labels,
)
from dure.truth.coding_order import SIDE_OF_WORD

ENDS = ("left", "right")


def conclude_pairs(
    request: Request, source: Source, rows: AnswerRows, *, watch: Watch
) -> Conclusion:
    _check_sides(source, rows)
    gold = _sides_of(request.gold)
    coded = code_pairs(
        rows.tasks, rows.workers, rows.answers, items=_items(source, rows), gold=gold
    )
    ranking = interruptible(
        lambda: infer_pairs(coded.comparisons, gold=coded.gold, progress=watch.fit_round)
    )
    n_known = 0 if coded.gold is None else len(coded.gold.side_of_answer)
    notes = notes_on_gold(n_known) + notes_on_fit(ranking.outcome, n_known=0)
    notes += notes_on_components(ranking)
    if request.truth:
        notes += _score(coded, ranking, _sides_of(request.truth), gold=gold)
    return Conclusion(
        verdicts_on_items(coded.items, ranking),
        worker_columns(coded.workers, ranking, coded.comparisons.worker_of_answer),
        notes,
    )


def _check_sides(source: Source, rows: AnswerRows) -> None:
    for row, side in zip(rows.rows, rows.answers, strict=True):
        if side not in SIDE_OF_WORD:
            raise bad_file(
                f"expected left, right or same, got {side!r}",
                file=source.file,
                column=source.columns["answer"],
                **place_of_row(source.path, row),
            )


def _items(source: Source, rows: AnswerRows) -> dict[str, tuple[str, ...]]:
    """What each task compares, out of the columns left and right."""
    table = read_columns(
        source.path,
        file=source.file,
        required=[source.columns["task"]],
        optional=[*ENDS, PHASE, LATE],
    )
    for end in ENDS:
        if not any(table.get(end, [])):
            raise bad_file(
                f"there is no column {end}, or nothing in it; answers of pairs need the columns "
                "left and right, which name the two items of the task",
                file=source.file,
            )
    if PHASE in table and LATE in table and source.path.suffix.lower() == ".csv":
        table = {**table, **{end: as_given(table[end]) for end in ENDS}}
    items: dict[str, tuple[str, ...]] = {}
    for task, row in zip(rows.tasks, rows.rows, strict=True):
        two = table["left"][row], table["right"][row]
        wrong = _wrong_with(task, two, items.setdefault(task, two))
        if wrong is not None:
            column, sentence = wrong
            raise bad_file(
                sentence, file=source.file, column=column, **place_of_row(source.path, row)
            )
    return items


def _wrong_with(task: str, two: tuple[str, str], before: tuple[str, ...]) -> tuple[str, str] | None:
    for at, end in enumerate(ENDS):
        if not two[at]:
            return end, "is empty; every answer needs the task's two items"
        if two[at] != before[at]:
            return end, f"is {two[at]!r}, but task {task!r} had {before[at]!r} before; keep one"
    if two[0] == two[1]:
        return "right", f"is {two[1]!r}, as the left is; compare two different items"
    return None


def _sides_of(given: str) -> dict[str, str]:
    truth, rows = truth_of(given)
    for task, side in truth.items():
        if side not in SIDE_OF_WORD:
            raise bad_file(
                f"expected left, right or same, got {side!r}",
                file=given,
                column="truth",
                **place_of_row(Path(given), rows[task]),
            )
    return truth


def _score(
    coded: CodedPairs, ranking: Ranking, truth: Mapping[str, str], *, gold: Mapping[str, str]
) -> list[str]:
    # Known tasks were told, not concluded.
    known = [
        SIDE_OF_WORD[truth[task]] if task in truth and task not in gold else NO_LABEL
        for task in coded.tasks
    ]
    chance = order_of(ranking, coded.left_of_task, coded.right_of_task)
    score = score_labels(chance, np.array(known, np.int32))
    if not score.n_scored:
        return ["No task of the answers has a truth, so nothing was scored."]
    return [
        f"scored tasks: {score.n_scored}",
        f"accuracy: {score.accuracy:.6f} ({score.accuracy_low:.4f} to {score.accuracy_high:.4f})",
        f"log loss: {score.log_loss:.6f} ({score.log_loss_low:.4f} to {score.log_loss_high:.4f})",
    ]
