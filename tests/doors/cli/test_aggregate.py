from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from xml.etree import ElementTree

import duckdb
import numpy as np
import pytest
from PIL import Image
from rich.progress import Progress
from typer.testing import CliRunner

from dure.doors.cli import app
from dure.doors.cli.aggregate import _watch
from dure.truth import METHODS as CHOICE_METHODS
from dure.truth import code_choices, infer
from tests.truth.real_sets import real_set

METHODS = (
    "auto, bradley-terry, dawid-skene, label-kinds, majority, merged-boxes, one-coin, plackett-"
    "luce, robust-mean, shared-accuracy, task-difficulty or text-clusters"
)
SCORE = re.compile(r"([\w ]+): (\d\.\d{6}) \(\d\.\d{4} to \d\.\d{4}\)")
ANSWERS = """task,worker,answer
t2,w1,yes
t2,w2,yes
t10,w1,01
t10,w2,1
t10,w3,01
t2,w3,yes
"""


def test_choices_are_the_engine_s_to_the_last_bit(tmp_path):
    result, out = _run(tmp_path, ANSWERS)

    coded = code_choices(
        ["t2", "t2", "t10", "t10", "t10", "t2"],
        ["w1", "w2", "w1", "w2", "w3", "w3"],
        ["yes", "yes", "01", "1", "01", "yes"],
    )
    probability = infer(coded.answers).probability
    rows = _rows(out.read_text())
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert list(rows[0]) == [
        "task",
        "label",
        "probability",
        "answers",
        "p:01",
        "p:1",
        "p:yes",
    ]
    assert [row["task"] for row in rows] == ["t10", "t2"]
    assert [row["label"] for row in rows] == ["01", "yes"]
    assert [row["answers"] for row in rows] == ["3", "3"]
    written = [[float(row[f"p:{name}"]) for name in coded.classes] for row in rows]
    assert np.array(written).tobytes() == probability.tobytes()


def test_order_of_rows_changes_no_byte(tmp_path):
    head, *rows = ANSWERS.splitlines(keepends=True)

    _, first = _run(tmp_path, ANSWERS, name="first")
    _, second = _run(tmp_path, head + "".join(reversed(rows)), name="second")

    assert first.read_bytes() == second.read_bytes()


def test_more_than_twenty_distinct_numbers_are_measurements(tmp_path):
    body = "task,worker,answer\n" + "".join(
        f"t{task},w{worker},{10 * task + worker / 4}\n" for task in range(7) for worker in range(4)
    )

    _, out = _run(tmp_path, body)

    rows = _rows(out.read_text())
    assert list(rows[0]) == ["task", "estimate", "low", "high", "answers"]
    for row in rows:
        estimate, low, high = (float(row[name]) for name in ("estimate", "low", "high"))
        assert low < estimate < high
        assert 0 <= estimate - 10 * int(row["task"][1:]) <= 0.75


def test_twenty_distinct_numbers_are_codes_unless_told(tmp_path):
    body = "task,worker,answer\n" + "".join(f"t{one},w,{one}\n" for one in range(20))

    _, codes = _run(tmp_path, body, name="codes")
    _, numbers = _run(tmp_path, body, "--kind", "number", name="numbers")

    assert list(_rows(codes.read_text())[0])[:2] == ["task", "label"]
    assert list(_rows(numbers.read_text())[0])[:2] == ["task", "estimate"]


def test_formats_and_standard_streams_agree(tmp_path):
    _, out = _run(tmp_path, ANSWERS)
    parquet = tmp_path / "answers.parquet"
    duckdb.execute(
        f"COPY (SELECT * FROM read_csv('{tmp_path}/answers.csv', all_varchar=true)) "
        f"TO '{parquet}' (FORMAT parquet)"
    )

    piped = CliRunner().invoke(app, ["aggregate", "-", "--out", "-"], input=ANSWERS)
    CliRunner().invoke(app, ["aggregate", str(parquet), "--out", str(tmp_path / "o.parquet")])

    assert piped.stdout == out.read_text()
    columns = "task, label, probability, answers"
    written = duckdb.execute(f"SELECT {columns} FROM '{tmp_path}/o.parquet'").fetchall()
    expected = [
        (row["task"], row["label"], float(row["probability"]), int(row["answers"]))
        for row in _rows(piped.stdout)
    ]
    assert written == expected


def test_other_column_names_classes_and_workers_file(tmp_path):
    body = ANSWERS.replace("task,worker,answer", "item,who,says")

    result, out = _run(
        tmp_path,
        body,
        "--columns",
        "task=item,worker=who,answer=says",
        "--classes",
        "yes,no,1,01",
        "--workers",
        str(tmp_path / "workers.csv"),
    )

    assert result.exit_code == 0
    assert list(_rows(out.read_text())[0])[4:] == ["p:01", "p:1", "p:no", "p:yes"]
    workers = _rows((tmp_path / "workers.csv").read_text())
    assert [(row["worker"], row["answers"]) for row in workers] == [
        ("w1", "2"),
        ("w2", "2"),
        ("w3", "2"),
    ]
    assert list(workers[0]) == ["worker", "skill", "skill_low", "skill_high", "answers"]
    for row in workers:
        low, skill, high = (float(row[name]) for name in ("skill_low", "skill", "skill_high"))
        assert 0 <= low < skill < high <= 1


def test_gold_informs_and_truth_only_scores(tmp_path):
    gold, truth = tmp_path / "gold.csv", tmp_path / "truth.csv"
    gold.write_text("task,truth\nt2,no\n")
    truth.write_text("task,truth\nt2,no\nt10,01\n")

    _, alone = _run(tmp_path, ANSWERS, name="alone")
    scored, same = _run(tmp_path, ANSWERS, "--truth", str(truth), name="scored")
    told, informed = _run(
        tmp_path, ANSWERS, "--gold", str(gold), "--truth", str(truth), name="told"
    )

    assert same.read_bytes() == alone.read_bytes()
    assert scored.stderr.splitlines()[:2] == [
        "scored tasks: 2",
        "accuracy: 0.500000 (0.1209 to 0.8791)",
    ]
    assert [line.split(":")[0] for line in scored.stderr.splitlines()] == [
        "scored tasks",
        "accuracy",
        "log loss",
        "Brier",
        "ECE",
    ]
    assert told.stderr.splitlines()[:3] == [
        "Known from --gold and held fixed: 1 tasks.",
        "scored tasks: 1",
        "accuracy: 1.000000 (0.2699 to 1.0000)",
    ]
    known = _rows(informed.read_text())[1]
    assert (known["label"], known["probability"], known["p:no"]) == ("no", "1.0", "1.0")


def test_export_of_the_platform_is_read_as_it_is(tmp_path):
    body = (
        "id,task,worker,answer,phase,late,at\n"
        "1,t2,w1,yes,first,false,x\n2,t2,w2,,first,false,x\n3,t2,w3,no,first,true,x\n"
    )

    result, out = _run(tmp_path, body)

    assert _rows(out.read_text())[0]["answers"] == "1"
    assert result.stderr == f"{tmp_path}/answers.csv: left out 1 skips, 1 late answers.\n"


@pytest.mark.parametrize(
    ("body", "options", "sentence"),
    [
        (
            "task,worker,answer\nt,w\n",
            [],
            "{file}: line 2: expected 3 columns as in the first line, got 2",
        ),
        (
            "task,worker,answer\nt,w,1\ns,w,x\n",
            ["--kind", "number"],
            (
                "{file}: line 3, column answer: expected a number, got 'x'; "
                "say --kind choice if these are codes"
            ),
        ),
        (
            "task,worker,answer\nt,w,c\n",
            ["--classes", "a,b"],
            "{file}: line 2, column answer: expected one of --classes a, b, got 'c'",
        ),
        (
            "task,worker,answer\nt,w,\n",
            [],
            (
                "{file}: there are no answers to aggregate; "
                "every row is a skip or left out, or none came"
            ),
        ),
        (
            ANSWERS,
            ["--kind", "polygon"],
            (
                "--kind polygon is not known; "
                "expected auto, choice, multi, number, pair, rank, text or box."
            ),
        ),
        (
            ANSWERS,
            ["--method", "median"],
            f"--method median is not known; expected {METHODS}.",
        ),
        (
            ANSWERS,
            ["--method", "robust-mean"],
            (
                "--method robust-mean does not fit answers of kind choice; "
                "expected auto, majority, shared-accuracy, one-coin, dawid-skene, task-difficulty."
            ),
        ),
        (
            ANSWERS,
            ["--predictions", "absent.csv"],
            "absent.csv: there is no such file; check the name",
        ),
        (
            ANSWERS,
            ["--columns", "item=x"],
            "--columns item=x: expected task=NAME,worker=NAME,answer=NAME, got 'item=x'.",
        ),
        (
            ANSWERS,
            ["--columns", "task=worker"],
            "--columns task=worker: expected three different columns.",
        ),
        (
            ANSWERS,
            ["--gold", "absent.csv"],
            "absent.csv: there is no such file; check the name",
        ),
        (
            ANSWERS,
            ["--plot", "p.svg"],
            (
                "--plot needs --truth, which says how often the verdicts are right; "
                "name a file of truths or leave --plot out."
            ),
        ),
        (
            ANSWERS,
            ["--plot", "p.pdf", "--truth", "t.csv"],
            (
                "p.pdf: expected a name ending in .svg or .png, got .pdf; "
                "rename it after the format you want"
            ),
        ),
        (
            ANSWERS,
            ["--plot", "nowhere/p.svg", "--truth", "t.csv"],
            "nowhere/p.svg: its folder does not exist; make it first",
        ),
        (
            "task,worker,answer\n" + "".join(f"t{one},w,{one}\n" for one in range(21)),
            ["--plot", "p.svg", "--truth", "t.csv"],
            "--plot has no meaning for answers of kind number, but for choice; leave it out.",
        ),
        (
            ANSWERS,
            ["--workers", "./w.csv", "--plot", "p.svg", "--truth", "t.csv"],
            "t.csv: there is no such file; check the name",
        ),
        (
            ANSWERS,
            ["--workers", "-"],
            (
                "-: expected a name ending in .csv, .jsonl or .parquet, got no ending; "
                "rename the file after its format"
            ),
        ),
        (
            ANSWERS,
            ["--workers", "nowhere/w.csv"],
            "nowhere/w.csv: its folder does not exist; make it first",
        ),
        (
            ANSWERS,
            ["--workers", "w.xls"],
            (
                "w.xls: expected a name ending in .csv, .jsonl or .parquet, got .xls; "
                "rename the file after its format"
            ),
        ),
    ],
)
def test_bad_input_is_one_line_exit_two_and_leaves_the_output_alone(
    tmp_path, body, options, sentence
):
    (tmp_path / "out.csv").write_text("old")

    result, out = _run(tmp_path, body, *options)

    assert result.stderr == sentence.format(file=tmp_path / "answers.csv") + "\n"
    assert (result.exit_code, result.stdout) == (2, "")
    assert out.read_text() == "old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["answers.csv", "out.csv"]


def test_command_starts_without_django():
    code = (
        "import sys; from dure.doors.cli.aggregating import files; "
        "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("method", CHOICE_METHODS)
def test_real_crowd_with_some_gold_is_scored_and_drawn_by_every_method(tmp_path, method):
    folder = real_set("rte")
    truths = _rows((folder / "truth.csv").read_text())
    known = {row["task"]: row["truth"] for row in truths[::10]}
    gold = tmp_path / "gold.csv"
    gold.write_text("task,truth\n" + "".join(f"{task},{one}\n" for task, one in known.items()))
    body = (folder / "answers.csv").read_text()
    files = {name: str(tmp_path / name) for name in ("workers.csv", "plot.svg", "plot.png")}
    options = ["--gold", str(gold), "--truth", str(folder / "truth.csv"), "--method", method]

    result, out = _run(
        tmp_path, body, *options, "--workers", files["workers.csv"], "--plot", files["plot.svg"]
    )
    again, same = _run(tmp_path, body, *options, "--plot", files["plot.png"], name="again")

    notes = result.stderr.splitlines()
    # A fit that has not settled says so in between.
    scores = dict(SCORE.fullmatch(line).groups() for line in notes[-4:])
    rows = _rows(out.read_text())
    assert (result.exit_code, again.exit_code) == (0, 0)
    assert notes[0] == "Known from --gold and held fixed: 80 tasks."
    assert notes[-5] == "scored tasks: 720"
    assert (again.stderr, same.read_bytes()) == (result.stderr, out.read_bytes())
    assert float(scores["accuracy"]) >= 0.88
    assert float(scores["log loss"]) <= 0.4
    assert {row["task"]: row["label"] for row in rows if row["task"] in known} == known
    assert [float(row["probability"]) for row in rows] == [
        float(row[f"p:{row['label']}"]) for row in rows
    ]
    assert len(_rows((tmp_path / "workers.csv").read_text())) == 164
    title = ElementTree.parse(files["plot.svg"]).find("{http://www.w3.org/2000/svg}title").text
    accuracy, log_loss, error = (float(scores[name]) for name in ("accuracy", "log loss", "ECE"))
    assert title == (
        f"Reliability of the verdicts: accuracy {accuracy:.3f}, log loss {log_loss:.3f}, "
        f"ECE {error:.3f}, 720 tasks"
    )
    with Image.open(files["plot.png"]) as picture:
        assert (picture.format, picture.size) == ("PNG", (1120, 1648))


def test_bar_shows_rounds_and_mean_change():
    progress = Progress()
    watch = _watch(progress)

    watch.step("Fitting")
    watch.fit_round(12, 0.00345)

    (bar,) = progress.tasks
    assert (bar.description, bar.completed) == ("Fitting, round 12, mean change 0.003450", 1)


def _run(folder, body, *options, name="out"):
    answers, out = folder / "answers.csv", folder / f"{name}.csv"
    answers.write_text(body, encoding="utf-8")
    result = CliRunner().invoke(app, ["aggregate", str(answers), "--out", str(out), *options])
    return result, out


def _rows(text):
    return list(csv.DictReader(io.StringIO(text)))
