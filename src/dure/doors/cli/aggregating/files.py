"""The work behind `dure aggregate`: read, conclude, write."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dure.doors.cli.aggregating.boxes import conclude_boxes
from dure.doors.cli.aggregating.choices import conclude_choices
from dure.doors.cli.aggregating.numbers import conclude_numbers
from dure.doors.cli.aggregating.pairs import conclude_pairs
from dure.doors.cli.aggregating.parts import Conclusion, Request, Source, Watch, number_of
from dure.doors.cli.aggregating.ranks import conclude_ranks
from dure.doors.cli.aggregating.sets import conclude_sets
from dure.doors.cli.aggregating.surprising import conclude_surprising
from dure.doors.cli.aggregating.texts import conclude_texts
from dure.doors.files.answers import AnswerRows, read_answers
from dure.doors.files.bad_file import BadFile, bad_file
from dure.doors.files.drawings import as_png, as_svg
from dure.doors.files.tables import format_of
from dure.doors.files.verdicts import copy_verdicts, stream_verdicts
from dure.doors.files.whole_files import written_whole
from dure.truth import METHODS as CHOICE_METHODS

STANDARD = "-"
ROLES = ("task", "worker", "answer")
METHODS: dict[str, tuple[str, ...]] = {
    "choice": CHOICE_METHODS,
    "multi": ("auto", "label-kinds"),
    "number": ("auto", "robust-mean"),
    "pair": ("auto", "bradley-terry"),
    "rank": ("auto", "plackett-luce"),
    "text": ("auto", "text-clusters"),
    "box": ("auto", "merged-boxes"),
}
KINDS = ("auto", *METHODS)
CONCLUDE: dict[str, Callable[..., Conclusion]] = {
    "choice": conclude_choices,
    "multi": conclude_sets,
    "number": conclude_numbers,
    "pair": conclude_pairs,
    "rank": conclude_ranks,
    "text": conclude_texts,
    "box": conclude_boxes,
}
CONCLUDE_PREDICTED: dict[str, Callable[..., Conclusion]] = {
    "choice": conclude_surprising,
    "number": conclude_numbers,
}
# What each option is for, where it has no meaning for all kinds.
MEANT_FOR = {
    "classes": ("choice", "multi"),
    "plot": ("choice",),
    "least": ("multi", "number"),
    "most": ("multi", "number"),
    "predictions": tuple(CONCLUDE_PREDICTED),
}
OPTION_NAMES = {"least": "min", "most": "max"}
PICTURES = {".svg": as_svg, ".png": as_png}
# More distinct numbers than this are taken for measurements, fewer for codes.
N_CODES_MAX = 20


def aggregate_file(request: Request, *, watch: Watch) -> list[str]:
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
        _check_meant(request, kind)
        watch.step("Fitting")
        conclude = (CONCLUDE_PREDICTED if request.predictions else CONCLUDE)[kind]
        conclusion = conclude(request, source, rows, watch=watch)
    watch.step("Writing")
    _write(request, conclusion)
    watch.step("Done")
    return [
        *_notes_on_rows(rows, source.file),
        *_notes_on_kind(request.kind, kind, rows.answers),
        *conclusion.notes,
    ]


def _write(request: Request, conclusion: Conclusion) -> None:
    """Write every file beside its place, and put them there only when all are finished."""
    with ExitStack() as files:
        if conclusion.plot is not None:
            picture = PICTURES[Path(request.plot).suffix.lower()](conclusion.plot)
            files.enter_context(written_whole(Path(request.plot))).write_bytes(picture)
        if request.workers:
            workers = files.enter_context(written_whole(Path(request.workers)))
            copy_verdicts(conclusion.workers, path=workers)
        if request.out == STANDARD:
            stream_verdicts(conclusion.verdicts, stream=sys.stdout.buffer)
        else:
            out = files.enter_context(written_whole(Path(request.out)))
            copy_verdicts(conclusion.verdicts, path=out)


def _check_options(request: Request) -> None:
    if request.kind not in KINDS:
        raise BadFile(f"--kind {request.kind} is not known; expected {_listed(KINDS)}.")
    methods = sorted({name for names in METHODS.values() for name in names})
    if request.method not in methods:
        raise BadFile(f"--method {request.method} is not known; expected {_listed(methods)}.")
    if request.kind != "auto":
        _check_meant(request, request.kind)
    if request.plot and not request.truth:
        raise BadFile(
            "--plot needs --truth, which says how often the verdicts are right; "
            "name a file of truths or leave --plot out."
        )
    _check_targets(request)


def _check_meant(request: Request, kind: str) -> None:
    for option, kinds in MEANT_FOR.items():
        if getattr(request, option) and kind not in kinds:
            name = OPTION_NAMES.get(option, option)
            raise BadFile(
                f"--{name} has no meaning for answers of kind {kind}, but for {_listed(kinds)}; "
                "leave it out."
            )


def _check_targets(request: Request) -> None:
    if request.plot and Path(request.plot).suffix.lower() not in PICTURES:
        raise bad_file(
            "expected a name ending in .svg or .png, got "
            f"{Path(request.plot).suffix or 'no ending'}; rename it after the format you want",
            file=request.plot,
        )
    if request.out != STANDARD:
        format_of(Path(request.out), file=request.out)
    if request.workers:
        format_of(Path(request.workers), file=request.workers)
    inputs = (request.answers, request.gold, request.truth, request.predictions)
    read = {Path(one).resolve() for one in inputs if one not in ("", STANDARD)}
    targets = [one for one in (request.out, request.workers, request.plot) if one]
    for target in targets:
        if target != STANDARD:
            _check_target(Path(target), read, file=target)
    if len({Path(target).resolve() for target in targets}) < len(targets):
        raise BadFile(
            "Two outputs have the same name; each of --out, --workers and --plot needs its own."
        )


def _check_target(path: Path, read: set[Path], *, file: str) -> None:
    if not path.parent.is_dir():
        raise bad_file("its folder does not exist; make it first", file=file)
    # Only when a file takes its place would the system refuse it, with others in theirs.
    if path.is_dir():
        raise bad_file("is a folder; name a file in it", file=file)
    if path.resolve() in read:
        raise bad_file("is an input, which it would replace; name another file", file=file)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


@contextmanager
def _source(request: Request) -> Iterator[Source]:
    columns = _columns(request.columns)
    if request.answers != STANDARD:
        yield Source(Path(request.answers), request.answers, columns)
        return
    # DuckDB reads a file twice as fast as a pipe, and a message needs the line afterwards.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stdin.csv"
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield Source(path, "stdin", columns)


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


def _kind(given: str, answers: Sequence[str]) -> str:
    if given != "auto":
        return given
    distinct = set(answers)
    if len(distinct) > N_CODES_MAX and all(number_of(text) is not None for text in distinct):
        return "number"
    return "choice"


def _notes_on_kind(given: str, kind: str, answers: Sequence[str]) -> list[str]:
    """Each list would be a class by itself: hardly ever what was meant."""
    if given != "auto" or kind != "choice" or not all(text.startswith("[") for text in answers):
        return []
    note = (
        "Took every list of the answers for a class of its own; "
        "say --kind multi, rank or box if they are sets, orders or boxes."
    )
    return [note]


def _notes_on_rows(rows: AnswerRows, file: str) -> list[str]:
    counts = {
        "skips": rows.n_skips,
        "late answers": rows.n_late,
        "revisions (only first answers count)": rows.n_revisions,
        "exact repeats": rows.n_repeats,
    }
    left_out = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return [f"{file}: left out {left_out}."] if left_out else []
