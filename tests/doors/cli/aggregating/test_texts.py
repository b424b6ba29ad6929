from __future__ import annotations

import csv
import re

import pytest

from dure.doors.cli.aggregating.files import aggregate_file
from dure.doors.cli.aggregating.parts import Request, Watch
from dure.doors.files.bad_file import BadFile

ANSWERS = """task,worker,answer
t1,a,Grand Hotel
t1,b,grand hotel.
t1,c,Grand Hotle
t1,d,asdf
t2,a,서울특별시
t2,b,서울특별시
t2,d,
t3,a,2019
t3,b,2020
t3,c,2019
"""


def test_verdicts_and_workers_of_texts(tmp_path):
    rounds = []
    request = _request(tmp_path, workers=str(tmp_path / "w.csv"))

    notes = aggregate_file(request, watch=Watch(lambda name: None, lambda *one: rounds.append(one)))

    verdicts, workers = _rows(tmp_path / "o.csv"), _rows(tmp_path / "w.csv")
    assert notes == [f"{request.answers}: left out 1 skips."]
    assert list(verdicts[0]) == ["task", "label", "probability", "share", "answers"]
    assert [(row["task"], row["label"], row["share"], row["answers"]) for row in verdicts] == [
        ("t1", "Grand Hotel", "0.75", "4"),
        ("t2", "서울특별시", "1.0", "2"),
        ("t3", "2019", "0.6666666666666666", "3"),
    ]
    assert all(0.5 < float(row["probability"]) < 1.0 for row in verdicts)
    assert list(workers[0]) == ["worker", "skill", "skill_low", "skill_high", "answers"]
    assert [(row["worker"], row["answers"]) for row in workers] == [
        ("a", "3"), ("b", "3"), ("c", "2"), ("d", "1"),
    ]  # fmt: skip
    assert rounds


def test_gold_is_certain_and_truth_scores_the_others(tmp_path):
    (tmp_path / "gold.csv").write_text("task,truth\nt1,asdf\n")
    (tmp_path / "truth.csv").write_text("task,truth\nt1,other\nt2,서울 특별시\nt3,2019\n")
    request = _request(tmp_path, gold=str(tmp_path / "gold.csv"), truth=str(tmp_path / "truth.csv"))

    notes = aggregate_file(request, watch=Watch(lambda name: None))

    assert _rows(tmp_path / "o.csv")[0]["label"] == "asdf"
    assert _rows(tmp_path / "o.csv")[0]["probability"] == "1.0"
    assert notes[1:4] == [
        "Known from --gold and held fixed: 1 tasks.",
        "scored tasks: 2",
        "accuracy: 1.000000 (0.4250 to 1.0000)",
    ]
    assert notes[4] == "accuracy to the letter: 0.500000"
    assert re.fullmatch(r"log loss: \d\.\d{6}", notes[5])
    assert re.fullmatch(r"ECE: \d\.\d{6}", notes[6])


def test_truth_of_other_tasks_scores_nothing(tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("task,truth\nother,x\n")

    notes = aggregate_file(_request(tmp_path, truth=str(truth)), watch=Watch(lambda name: None))

    assert notes[1:] == [
        f"{truth}: no task of the answers has a truth here, so nothing was scored."
    ]


@pytest.mark.parametrize("option", ["classes", "plot"])
def test_options_without_meaning_are_refused(tmp_path, option):
    with pytest.raises(BadFile) as refusal:
        aggregate_file(_request(tmp_path, **{option: "a.svg"}), watch=Watch(lambda name: None))

    assert str(refusal.value) == f"--{option} has no meaning for texts; leave it out."


def _request(folder, **options):
    (folder / "a.csv").write_text(ANSWERS)
    return Request(str(folder / "a.csv"), str(folder / "o.csv"), kind="text", **options)


def _rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
