"""Answers, truths and their kin out of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dure.doors.files.bad_file import bad_file
from dure.doors.files.tables import csv_header, place_of_row, read_columns

# Only the platform's own export has both.
PHASE, LATE = "phase", "late"
PHASE_COUNTED = "first"
# The platform's CSV puts an apostrophe before words that a spreadsheet would run.
DEFUSED = re.compile(r"'(?='*[=+@\t\r-])")
GOLD_HEADER = ["task", "truth"]
TRUTH_OF_TEXT = {"true": True, "false": False, "": False}


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """Answers that count, and how many rows were left out for what."""

    tasks: list[str]
    workers: list[str]
    answers: list[str]
    rows: list[int]
    n_skips: int
    n_late: int
    n_revisions: int
    n_repeats: int


def read_answers(path: Path, *, columns: Mapping[str, str], file: str = "") -> AnswerRows:
    """Read answers; `columns` says what task, worker and answer are called.

    Skips (empty answers) are left out. In the platform's own export late answers and revisions
    are left out as well. A row that repeats another exactly counts once, as when two exports were
    joined; a second, different answer of a worker to a task is refused, for which one counts?
    """
    file = file or path.name
    task, worker, answer = columns["task"], columns["worker"], columns["answer"]
    table = read_columns(
        path,
        file=file,
        required=[task, worker, answer],
        optional=[name for name in (PHASE, LATE) if name not in columns.values()],
    )
    keep, n_late, n_revisions = _counted(table, path=path, file=file)
    if PHASE in table and LATE in table and path.suffix.lower() == ".csv":
        table = {**table, task: as_given(table[task]), answer: as_given(table[answer])}
    seen: dict[tuple[str, str], str] = {}
    rows: list[int] = []
    n_skips = n_repeats = 0
    for row in keep:
        who = table[task][row], table[worker][row]
        given = table[answer][row]
        if not who[0] or not who[1]:
            raise bad_file(
                "is empty; every answer needs its task and its worker",
                file=file,
                column=worker if who[0] else task,
                **place_of_row(path, row),
            )
        if not given:
            n_skips += 1
        elif (earlier := seen.setdefault(who, given)) != given:
            raise bad_file(
                f"is {given!r}, but worker {who[1]!r} answered task {who[0]!r} with {earlier!r} "
                "before; keep one of the two",
                file=file,
                column=answer,
                **place_of_row(path, row),
            )
        elif len(seen) == len(rows):
            n_repeats += 1
        else:
            rows.append(row)
    return AnswerRows(
        tasks=[table[task][row] for row in rows],
        workers=[table[worker][row] for row in rows],
        answers=[seen[table[task][row], table[worker][row]] for row in rows],
        rows=rows,
        n_skips=n_skips,
        n_late=n_late,
        n_revisions=n_revisions,
        n_repeats=n_repeats,
    )


def read_truth(path: Path, *, file: str = "") -> tuple[dict[str, str], dict[str, int]]:
    """Read the columns task and truth; return each task's truth, and its row."""
    file = file or path.name
    table = read_columns(path, file=file, required=GOLD_HEADER)
    if path.suffix.lower() == ".csv" and csv_header(path, file=file)[0] == GOLD_HEADER:
        table = {name: as_given(words) for name, words in table.items()}
    truths: dict[str, str] = {}
    rows: dict[str, int] = {}
    for row, (task, truth) in enumerate(zip(table["task"], table["truth"], strict=True)):
        if not task or not truth:
            raise bad_file(
                "is empty; leave the row out",
                file=file,
                column="truth" if task else "task",
                **place_of_row(path, row),
            )
        if truths.setdefault(task, truth) != truth:
            raise bad_file(
                f"is {truth!r}, but task {task!r} had the truth {truths[task]!r} before; keep one",
                file=file,
                column="truth",
                **place_of_row(path, row),
            )
        rows.setdefault(task, row)
    return truths, rows


def as_given(words: list[str]) -> list[str]:
    return [word[1:] if word[:1] == "'" and DEFUSED.match(word) else word for word in words]


def _counted(
    table: Mapping[str, list[str]], *, path: Path, file: str
) -> tuple[list[int], int, int]:
    n_rows = len(next(iter(table.values())))
    if PHASE not in table or LATE not in table:
        return list(range(n_rows)), 0, 0
    keep: list[int] = []
    n_late = n_revisions = 0
    for row, (phase, late) in enumerate(zip(table[PHASE], table[LATE], strict=True)):
        is_late = TRUTH_OF_TEXT.get(late.lower())
        if is_late is None:
            raise bad_file(
                f"expected true or false, got {late!r}",
                file=file,
                column=LATE,
                **place_of_row(path, row),
            )
        if is_late:
            n_late += 1
        elif phase not in (PHASE_COUNTED, ""):
            n_revisions += 1
        else:
            keep.append(row)
    return keep, n_late, n_revisions
