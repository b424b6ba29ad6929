"""`dure aggregate`: verdicts from a file of answers, without a platform or a database."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dure.errors import Refusal

if TYPE_CHECKING:
    from dure.doors.cli.aggregating.parts import Request, Watch

EXIT_BAD_INPUT = 2
EXIT_STOPPED = 130
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
        help="auto, choice, multi, number, pair, rank, text or box; auto is number if all answers "
        "are numbers with more than 20 distinct values, else choice."
    ),
]
Method = Annotated[
    str,
    typer.Option(
        help="For choices auto, majority, shared-accuracy, one-coin, dawid-skene or "
        "task-difficulty; the other kinds have one each."
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
    str,
    typer.Option(
        metavar="FILE",
        help="Write worker,skill,skill_low,skill_high,answers here as well.",
    ),
]
PlotFile = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="Draw how often verdicts are right by how sure they are: .svg or .png; needs --truth.",
    ),
]
PredictionsFile = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="What workers expect of the others (task,worker,value,prediction): for choices, the "
        "share that each option gets; for numbers, their mean, and no value.",
    ),
]
Least = Annotated[
    str,
    typer.Option(
        "--min",
        metavar="NUMBER",
        help="The least number the question allows; for sets, of classes.",
    ),
]
Most = Annotated[
    str,
    typer.Option(
        "--max",
        metavar="NUMBER",
        help="The greatest number the question allows; for sets, of classes.",
    ),
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
    plot: PlotFile = "",
    predictions: PredictionsFile = "",
    least: Least = "",
    most: Most = "",
) -> None:
    """Say what the crowd concludes from a file of answers, and how surely."""
    with _leaving_at_once():
        # Slow import: numba would delay every other command, and duckdb is not needed by them.
        from dure.doors.cli.aggregating.parts import Request  # noqa: PLC0415

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
            plot=plot,
            predictions=predictions,
            least=least,
            most=most,
        )
        notes = _aggregate(request)
    for note in notes:
        typer.echo(note, err=True)


def _aggregate(request: Request) -> list[str]:
    from dure.doors.cli.aggregating.files import aggregate_file  # noqa: PLC0415  slow import
    from dure.truth.validate import BadAnswers  # noqa: PLC0415  slow import

    try:
        with _progress() as progress:
            return aggregate_file(request, watch=_watch(progress))
    except (Refusal, BadAnswers) as refusal:
        raise _refused(str(refusal)) from refusal
    except OSError as error:
        name = error.filename or request.answers
        raise _refused(f"{name}: {error.strerror}; check the name and your rights") from error


def _refused(sentence: str) -> typer.Exit:
    typer.echo(" ".join(sentence.split()), err=True)
    return typer.Exit(EXIT_BAD_INPUT)


@contextmanager
def _leaving_at_once() -> Iterator[None]:
    """Let Ctrl-C end the process, for a fit still runs in its thread and Python would wait."""
    try:
        yield
    except (KeyboardInterrupt, RuntimeError) as error:
        # DuckDB makes an error of its own of Ctrl-C.
        if isinstance(error, RuntimeError) and str(error) != "Query interrupted":
            raise
        typer.echo("Stopped before the end; no file was written.", err=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(EXIT_STOPPED)


def _watch(progress: Progress) -> Watch:
    from dure.doors.cli.aggregating.parts import Watch  # noqa: PLC0415  slow import

    bar = progress.add_task("Reading", total=N_STEPS)

    def step(name: str) -> None:
        progress.update(bar, advance=1, description=name)

    def fit_round(n_rounds: int, mean_change: float) -> None:
        progress.update(
            bar, description=f"Fitting, round {n_rounds}, mean change {mean_change:.6f}"
        )

    return Watch(step, fit_round)


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
