from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dure.doors.cli import app


@pytest.fixture
def benchmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    return folder


def test_figures_are_printed_and_written(benchmarks: Path) -> None:
    (benchmarks / "two_things.py").write_text("def run():\n    return {'speed': 2.5, 'lost': 0}\n")

    done = CliRunner().invoke(app, ["bench", "two-things", "--json", "out.json"])

    assert done.exit_code == 0
    assert done.stdout == "speed 2.5\nlost 0\n"
    assert json.loads(Path("out.json").read_text()) == {"figures": {"speed": 2.5, "lost": 0.0}}


def test_unknown_benchmark_is_refused_with_those_there_are(benchmarks: Path) -> None:
    (benchmarks / "only_one.py").write_text("def run():\n    return {}\n")

    refused = CliRunner().invoke(app, ["bench", "other"])

    assert refused.exit_code == 2
    assert refused.stderr.startswith("dure: There is no benchmark 'other'; there is ")
    assert "only-one" in refused.stderr


def test_file_without_run_is_refused(benchmarks: Path) -> None:
    (benchmarks / "empty.py").write_text("")

    refused = CliRunner().invoke(app, ["bench", "empty"])

    assert refused.exit_code == 2
    assert refused.stderr == (
        f"dure: {benchmarks / 'empty.py'} is no benchmark: "
        "it should have a function run() that gives figures by name.\n"
    )
