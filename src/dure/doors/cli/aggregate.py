"""`dure aggregate`: verdicts from a file of answers, without a platform or a database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dure.errors import Refusal

EXIT_BAD_INPUT = 2
QUIET_SECONDS = 2.0
N_STEPS = 3


AnswersFile = Annotated[
    str,
    typer.Argument(metavar="ANSWERS", help="CSV, JSONL or Parquet by name; - reads CSV."),
]
VerdictsFile = Annotated[
    str,
    typer.Option(metavar="VERDICTS", help="CSV, JSONL or Parquet by name; - writes CSV."),
]
Columns = Annotated[
    str, typer.Option(help="What the columns are called: task=…,worker=…,answer=….")
]
Kind = Annotated[
    str,
    typer.Option(
        help="auto, choice or number; auto is number if all answers are numbers "
        "with more than 20 distinct values."
    ),
]
Method = Annotated[
    str,
    typer.Option(
        help="auto, majority, shared-accuracy, one-coin, dawid-skene, task-difficulty "
        "or robust-mean."
    ),
]
Classes = Annotated[
    str, typer.Option(help="All options of the question, a,b,c; else those that occur.")
]
GoldFile = Annotated[
    str, typer.Option(metavar="FILE", help="Known truths (task,truth) that inform the fit.")
]
TruthFile = Annotated[
    str, typer.Option(metavar="FILE", help="Truths (task,truth) that only score the result.")
]
WorkersFile = Annotated[
    str, typer.Option(metavar="FILE", help="Write worker,skill,answers here as well.")
]
PredictionsFile = Annotated[
    str, typer.Option(metavar="FILE", help="Not supported yet.", hidden=True)
]


def aggregate(
    answers: AnswersFile,
    out: VerdictsFile,
    columns: Columns = "",
    kind: Kind = "auto",
    method: Method = "auto",
    classes: Classes = "",
    gold: GoldFile = "",
    truth: TruthFile = "",
    workers: WorkersFile = "",
    predictions: PredictionsFile = "",
) -> None:
    """Say what the crowd concludes from a file of answers, and how surely."""
    # Slow import: numba would delay every other command, and duckdb is not needed by them.
    from dure.doors.cli.aggregation import Request, aggregate_file  # noqa: PLC0415
    from dure.truth.validate import BadAnswers  # noqa: PLC0415

    request = Request(
        answers=answers,
        out=out,
        columns=columns,
        kind=kind,
        method=method,
        classes=classes,
        gold=gold,
        truth=truth,
        workers=workers,
        predictions=predictions,
    )
    try:
        with _progress() as progress:
            step = progress.add_task("Reading", total=N_STEPS)
            notes = aggregate_file(
                request, advance=lambda name: progress.update(step, advance=1, description=name)
            )
    except (Refusal, BadAnswers) as refusal:
        _refuse(str(refusal))
    except OSError as error:
        _refuse(f"{error.filename or answers}: {error.strerror}; check the name and your rights")
    for note in notes:
        typer.echo(note, err=True)


def _refuse(sentence: str) -> None:
    typer.echo(" ".join(sentence.split()), err=True)
    raise typer.Exit(EXIT_BAD_INPUT)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar on a terminal, and only for work that takes longer than a moment."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    timer = Timer(QUIET_SECONDS, bar.start)
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        yield bar
    finally:
        timer.cancel()
        # A bar that never started would still print an empty line.
        if bar.live.is_started:
            bar.stop()
