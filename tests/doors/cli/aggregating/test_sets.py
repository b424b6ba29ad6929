from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from dure.doors.cli.aggregating.files import aggregate_file
from dure.doors.cli.aggregating.parts import Request, Watch
from dure.doors.files.bad_file import BadFile
from dure.truth import code_sets, infer_sets

EXPECTED = 'expected a list of classes, each once, as in ["a", "b"] or []'
ROWS = [
    ("s", "v", ["b", "a"]),
    ("s", "w", ["a", "b"]),
    ("s", "x", ["a"]),
    ("t", "v", []),
    ("t", "w", []),
    ("t", "x", ["하나, 둘"]),
]


def test_verdicts_are_the_engine_s_to_the_last_bit(tmp_path):
    notes = _aggregate(tmp_path, ROWS)

    rows = _read(tmp_path / "o.csv")
    coded = code_sets(*zip(*ROWS, strict=True))
    result = infer_sets(coded.sets)
    assert notes == []
    assert list(rows[0]) == ["task", "label", "probability", "answers", "p:a", "p:b", "p:하나, 둘"]
    assert [row["task"] for row in rows] == ["s", "t"]
    assert [row["label"] for row in rows] == ['["a", "b"]', "[]"]
    assert [float(row["probability"]) for row in rows] == result.sureness.tolist()
    written = [[float(row[f"p:{name}"]) for name in coded.classes] for row in rows]
    assert np.array(written).tobytes() == result.probability.tobytes()


def test_order_of_rows_changes_no_byte(tmp_path):
    _aggregate(tmp_path, ROWS)
    first = (tmp_path / "o.csv").read_bytes()

    _aggregate(tmp_path, ROWS[::-1])

    assert (tmp_path / "o.csv").read_bytes() == first


def test_gold_is_held_and_truth_scores_the_rest(tmp_path):
    gold = _write(tmp_path / "gold.csv", ["task", "truth"], [("t", '["b"]')])
    truth = _write(tmp_path / "truth.csv", ["task", "truth"], [("t", "[]"), ("s", '["a", "z"]')])

    notes = _aggregate(tmp_path, ROWS, gold=gold, truth=truth)

    rows = _read(tmp_path / "o.csv")
    assert (rows[1]["label"], float(rows[1]["probability"])) == ('["b"]', 1.0)
    assert "p:z" not in rows[0]
    assert notes[:3] == [
        "Known from --gold and held fixed: 1 tasks.",
        "scored tasks: 1",
        "whole sets right: 0.000000 (0.0000 to 0.7301)",
    ]
    assert [note.split(":")[0] for note in notes[3:]] == [
        "labels wrong",
        "F1",
        "log loss of a label",
        "ECE of whole sets",
    ]


def test_truth_only_scores(tmp_path):
    truth = _write(tmp_path / "t.csv", ["task", "truth"], [("s", '["a", "z"]')])
    _aggregate(tmp_path, ROWS)
    without = (tmp_path / "o.csv").read_bytes()

    notes = _aggregate(tmp_path, ROWS, truth=truth)

    assert (tmp_path / "o.csv").read_bytes() == without
    assert notes[0] == "scored tasks: 1"
    assert notes[1].startswith("whole sets right: 0.000000 ")


def test_sets_are_as_large_as_the_question_allows(tmp_path):
    _aggregate(tmp_path, ROWS, least="1", most="1")

    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as stream:
        assert {len(json.loads(row["label"])) for row in csv.DictReader(stream)} == {1}


def test_truth_of_other_tasks_scores_nothing(tmp_path):
    truth = _write(tmp_path / "truth.csv", ["task", "truth"], [("other", "[]")])

    notes = _aggregate(tmp_path, ROWS, truth=truth)

    assert notes == [f"{truth}: no task of the answers has a truth here, so nothing was scored."]


def test_workers_and_options_that_nobody_named(tmp_path):
    workers = tmp_path / "w.csv"

    _aggregate(tmp_path, ROWS[:5], classes="a,b,c", workers=str(workers))

    rows = _read(workers)
    assert list(rows[0]) == ["worker", "skill", "skill_low", "skill_high", "answers"]
    assert [(row["worker"], row["answers"]) for row in rows] == [("v", "2"), ("w", "2"), ("x", "1")]
    assert float(_read(tmp_path / "o.csv")[0]["p:c"]) < 0.5


@pytest.mark.parametrize(
    ("cell", "options", "reason"),
    [
        ("a|b", {}, f"{EXPECTED}, got 'a|b'"),
        ('["a", 1]', {}, f"""{EXPECTED}, got '["a", 1]'"""),
        ('["a", "a"]', {}, f"""{EXPECTED}, got '["a", "a"]'"""),
        ("{}", {}, f"{EXPECTED}, got '{{}}'"),
        ('["z"]', {"classes": "a,b,하나"}, "expected classes of --classes a, b, 하나, got 'z'"),
    ],
)
def test_bad_cell_is_refused_with_its_place(tmp_path, cell, options, reason):
    answers = _write(
        tmp_path / "a.csv", ["task", "worker", "answer"], [("s", "v", '["a"]'), ("s", "w", cell)]
    )
    request = Request(answers, str(tmp_path / "o.csv"), kind="multi", **options)

    with pytest.raises(BadFile) as refusal:
        aggregate_file(request, watch=Watch(lambda name: None))

    assert str(refusal.value) == f"{answers}: line 3, column answer: {reason}"
    assert not (tmp_path / "o.csv").exists()


def test_cell_nested_without_end_is_refused(tmp_path):
    answers = _write(tmp_path / "a.csv", ["task", "worker", "answer"], [("s", "v", 100_000 * "[")])

    with pytest.raises(BadFile) as refusal:
        aggregate_file(
            Request(answers, str(tmp_path / "o.csv"), kind="multi"), watch=Watch(lambda name: None)
        )

    assert str(refusal.value) == (f"{answers}: line 2, column answer: {EXPECTED}, got '{80 * '['}'")


def test_bad_truth_is_refused_with_its_place(tmp_path):
    gold = _write(tmp_path / "gold.csv", ["task", "truth"], [("s", "a")])

    with pytest.raises(BadFile) as refusal:
        _aggregate(tmp_path, ROWS, gold=gold)

    assert str(refusal.value) == (
        f"{gold}: line 2, column truth: expected a list of classes, each once, as in "
        """["a", "b"] or [], got 'a'"""
    )


@pytest.mark.parametrize(
    ("rows", "options", "sentence"),
    [
        (ROWS[3:5], {}, "no answer names a class; say --classes with all options of the question"),
        (
            ROWS,
            {"classes": "a,a"},
            "--classes a,a: expected distinct names with commas between, as in a,b.",
        ),
        (ROWS, {"method": "majority"}, "of kind multi; expected auto, label-kinds."),
        (
            ROWS,
            {"plot": "p.svg", "truth": "absent.csv"},
            "of kind multi, but for choice; leave it out.",
        ),
        (ROWS, {"least": "1.5"}, "--min 1.5: expected how many classes, as in --min 2."),
        (
            ROWS[:5],
            {"least": "2", "most": "1", "classes": "a,b,c"},
            (
                "--max 1: expected a number from --min, 2, to that of the classes, 3; say "
                "--classes with all options of the question."
            ),
        ),
        (
            ROWS[:5],
            {"least": "4", "classes": "a,b,c"},
            "--min 4 is more than the 3 classes; say --classes with all options of the question.",
        ),
    ],
)
def test_what_can_not_be_concluded_is_refused(tmp_path, rows, options, sentence):
    with pytest.raises(BadFile) as refusal:
        _aggregate(tmp_path, rows, **options)

    assert str(refusal.value).endswith(sentence)


def _aggregate(folder, rows, **options):
    cells = [(task, worker, json.dumps(value, ensure_ascii=False)) for task, worker, value in rows]
    answers = _write(folder / "a.csv", ["task", "worker", "answer"], cells)
    request = Request(answers, str(folder / "o.csv"), kind="multi", **options)
    return aggregate_file(request, watch=Watch(lambda name: None))


def _write(path, head, rows):
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([head, *rows])
    path.write_text(stream.getvalue())
    return str(path)


def _read(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))
