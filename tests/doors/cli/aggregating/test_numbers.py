from __future__ import annotations

import csv

import numpy as np
import pytest

from dure.doors.cli.aggregating.files import aggregate_file
from dure.doors.cli.aggregating.parts import Request, Watch
from dure.doors.files.bad_file import BadFile

ANSWERS = "task,worker,answer\ns,v,1\ns,w,2\nt,v,5\nt,w,7\n"


def test_workers_have_a_skill_with_its_interval(tmp_path):
    workers = tmp_path / "w.csv"

    _aggregate(tmp_path, ANSWERS, workers=str(workers))

    rows = _rows(workers)
    assert list(rows[0]) == ["worker", "skill", "skill_low", "skill_high", "answers"]
    assert [(row["worker"], row["answers"]) for row in rows] == [("v", "2"), ("w", "2")]
    for row in rows:
        assert 0 < float(row["skill_low"]) < float(row["skill"]) < float(row["skill_high"]) < 1


def test_estimates_stay_within_min_and_max(tmp_path):
    _aggregate(tmp_path, ANSWERS, least="1", most="7")

    for row in _rows(tmp_path / "o.csv"):
        low, estimate, high = (float(row[name]) for name in ("low", "estimate", "high"))
        assert 1 <= low <= estimate <= high <= 7


def test_predictions_give_a_pivot_and_move_nothing_without_known_truths(tmp_path):
    given = tmp_path / "p.csv"
    given.write_text("task,worker,value,prediction\ns,v,,0\nt,w,,4\nt,x,,4\n")

    notes = _aggregate(tmp_path, ANSWERS, predictions=str(given))
    with_them = _rows(tmp_path / "o.csv")
    _aggregate(tmp_path, ANSWERS)

    assert notes == [
        f"{given}: left out 1 predictions without an answer.",
        (
            "Predictions moved no estimate, for no known truths (--gold) showed that they help; "
            "the column pivot says where they would."
        ),
    ]
    without = _rows(tmp_path / "o.csv")
    assert [row["estimate"] for row in with_them] == [row["estimate"] for row in without]
    assert all(float(row["pivot"]) > float(row["estimate"]) for row in with_them)
    assert "pivot" not in without[0]


def test_known_truths_may_show_that_predictions_help(tmp_path):
    random = np.random.default_rng(1)
    answers, gold, predictions = (["task,worker,answer"], ["task,truth"], [])
    for task, truth in enumerate(random.normal(0, 10, 40)):
        gold += [f"{task},{truth}"] if task < 20 else []
        for worker in range(5):
            answers.append(f"{task},w{worker},{0.6 * truth + random.normal()}")
            predictions.append(f"{task},w{worker},{0.2 * truth}")
    for name, lines in (("g", gold), ("p", ["task,worker,prediction", *predictions])):
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    files = {"gold": str(tmp_path / "g.csv"), "predictions": str(tmp_path / "p.csv")}

    notes = _aggregate(tmp_path, "\n".join(answers) + "\n", **files)

    assert notes == [
        "Known from --gold and held fixed: 20 tasks.",
        "Known truths showed that predictions help, so estimates are the pivot's.",
    ]


def test_factors_are_told(tmp_path):
    random = np.random.default_rng(1)
    lines = [
        f"{task},w{worker},{10 ** (task % 5) * np.exp(random.normal())}"
        for task in range(20)
        for worker in range(5)
    ]

    notes = _aggregate(tmp_path, "\n".join(["task,worker,answer", *lines]) + "\n")

    assert notes == ["The answers err by factors, so they were concluded on the log scale."]


def test_scores_have_intervals(tmp_path):
    (tmp_path / "t.csv").write_text("task,truth\ns,1\nt,6\n")

    notes = _aggregate(tmp_path, ANSWERS, truth=str(tmp_path / "t.csv"))

    assert [note.split(":")[0] for note in notes] == [
        "scored tasks",
        "RMSE",
        "mean absolute error",
        "coverage of the 90 % intervals",
    ]
    assert notes[3] == "coverage of the 90 % intervals: 1.000000 (0.425031 to 1)"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"least": "a"}, "--min a: expected a number, as in --min 100."),
        ({"least": "5", "most": "4"}, "--min 5 is not below --max 4; swap them or leave one out."),
        (
            {"most": "6"},
            (
                "{folder}/a.csv: line 5, column answer: expected a number within --min and --max, "
                "got '7'; leave it out or widen them"
            ),
        ),
        (
            {"most": "7", "gold": "{folder}/g.csv"},
            (
                "{folder}/g.csv: line 3, column truth: expected a number within --min and --max, "
                "got '8'; leave it out or widen them"
            ),
        ),
        (
            {"predictions": "{folder}/p.csv"},
            (
                "{folder}/p.csv: line 3, column prediction: is 4, but worker 'v' predicted 3 for "
                "task 's' before; keep one of the two"
            ),
        ),
        (
            {"kind": "choice", "least": "1"},
            (
                "--min has no meaning for answers of kind choice, but for multi or number; "
                "leave it out."
            ),
        ),
        (
            {"kind": "auto", "most": "1"},
            (
                "--max has no meaning for answers of kind choice, but for multi or number; "
                "leave it out."
            ),
        ),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, options, sentence):
    (tmp_path / "p.csv").write_text("task,worker,value,prediction\ns,v,1,3\ns,v,2,4\n")
    (tmp_path / "g.csv").write_text("task,truth\ns,1\nt,8\n")
    given = {name: value.format(folder=tmp_path) for name, value in options.items()}

    with pytest.raises(BadFile) as refusal:
        _aggregate(tmp_path, ANSWERS, **given)

    assert str(refusal.value) == sentence.format(folder=tmp_path)
    assert not (tmp_path / "o.csv").exists()


def _aggregate(folder, body, **options):
    (folder / "a.csv").write_text(body)
    request = Request(str(folder / "a.csv"), str(folder / "o.csv"), **{"kind": "number", **options})
    return aggregate_file(request, watch=Watch(lambda name: None))


def _rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
