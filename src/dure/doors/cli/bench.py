"""`dure bench`: run one of the benchmarks that lie beside the source."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import orjson
import typer

from dure.doors.cli.speaking import progress, refusals_become_sentences
from dure.errors import Refusal, Unknown

SOURCE = Path(__file__).parents[4]


class NotABenchmark(Refusal):
    """{file} is no benchmark: it should have a function run() that gives figures by name."""

    code = "not-a-benchmark"


def bench(
    name: Annotated[str, typer.Argument(help="Such as truth-accuracy.")],
    json: Annotated[
        str, typer.Option("--json", metavar="FILE", help="Write the figures here as well.")
    ] = "",
) -> None:
    """Run a benchmark and print its figures."""
    with refusals_become_sentences():
        with progress(f"Running {name}"):
            figures = _run(name)
        for what, figure in figures.items():
            typer.echo(f"{what} {figure:.6g}")
        if json:
            _write(Path(json), figures)


def _run(name: str) -> dict[str, float]:
    module = _load(_find(name))
    run = getattr(module, "run", None)
    if not callable(run):
        raise NotABenchmark(file=module.__file__)
    figures: dict[str, Any] = run()
    return {what: float(figure) for what, figure in figures.items()}


def _find(name: str) -> Path:
    """benchmarks/NAME.py, of the folder we are in or of the source that runs."""
    folders = [Path.cwd() / "benchmarks", SOURCE / "benchmarks"]
    files = {
        file.stem.replace("_", "-"): file
        for folder in reversed(folders)
        for file in sorted(folder.glob("[!_]*.py"))
    }
    if name not in files:
        known = ", ".join(sorted(files)) or "none: run it in a checkout of the source"
        raise Unknown("There is no benchmark {name!r}; there is {known}.", name=name, known=known)
    return files[name]


def _load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmark_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _write(file: Path, figures: dict[str, float]) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_bytes(orjson.dumps({"figures": figures}, option=orjson.OPT_INDENT_2) + b"\n")
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Refusal("{file} can not be written: {why}.", file=file, why=error.strerror) from None
