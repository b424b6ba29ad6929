from __future__ import annotations

import csv
import json

import pytest

from dure.doors.cli.aggregating.files import aggregate_file
from dure.doors.cli.aggregating.parts import Request, Watch
from dure.doors.files.bad_file import BadFile
from dure.truth import code_boxes, code_known_boxes, infer_boxes

CAT = {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.1, "label": "cat"}
ALSO = {"x": 0.11, "y": 0.2, "w": 0.3, "h": 0.12, "label": "cat"}
DOG = {"x": 0.7, "y": 0.7, "w": 0.1, "h": 0.1, "label": "dog"}
GIVEN = [
    ("p1", "ann", [CAT]),
    ("p1", "bo", [ALSO, DOG]),
    ("p2", "ann", []),
    ("p2", "bo", []),
    ("p3", "ann", [DOG]),
    ("p3", "bo", []),
]


def test_verdicts_are_the_engine_s_one_row_for_each_box(tmp_path):
    rows, workers, notes = _aggregate(tmp_path, GIVEN)

    coded = code_boxes(*(list(column) for column in zip(*GIVEN, strict=True)))
    merged = infer_boxes(coded.boxes)
    assert notes == []
    assert list(rows[0]) == [
        "task", "x", "y", "w", "h", "label", "probability", "marked", "answers",
    ]  # fmt: skip
    told = [row for row in rows if row["probability"]]
    assert [float(row["probability"]) for row in told] == merged.probability.tolist()
    assert [float(row["x"]) for row in told] == merged.corners[:, 0].tolist()
    assert [(row["task"], row["label"], row["marked"], row["answers"]) for row in rows] == [
        ("p1", "cat", "2", "2"),
        ("p1", "dog", "1", "2"),
        ("p2", "", "0", "2"),
        ("p3", "dog", "1", "2"),
    ]
    assert set(rows[2].values()) == {"p2", "", "0", "2"}
    assert list(workers[0]) == [
        "worker", "skill", "skill_low", "skill_high", "answers", "precision",
    ]  # fmt: skip
    assert [float(row["skill"]) for row in workers] == merged.skill.tolist()


def test_gold_comes_back_and_truth_scores_the_rest(tmp_path):
    gold, truth = [("p1", [CAT])], [("p1", []), ("p2", []), ("p3", [DOG])]

    rows, _, notes = _aggregate(tmp_path, GIVEN, gold=gold, truth=truth)

    coded = code_boxes(*(list(column) for column in zip(*GIVEN, strict=True)))
    merged = infer_boxes(coded.boxes, gold=code_known_boxes(coded, dict(gold)))
    assert [row["probability"] for row in rows[:2]] == ["1.0", "0.0"]
    assert float(rows[0]["x"]) == 0.1
    assert float(rows[3]["probability"]) == merged.probability[2]
    assert notes[:2] == ["Known from --gold and held fixed: 1 tasks.", "scored tasks: 2"]
    named = dict(note.split(": ") for note in notes[2:])
    found = merged.probability[2] >= 0.5
    assert float(named["recall at IoU .5"]) == float(found)
    assert "log loss" in named


def test_boxes_need_no_label(tmp_path):
    plain = {name: CAT[name] for name in "xywh"}

    rows, _, _ = _aggregate(tmp_path, [("p", "ann", [plain]), ("p", "bo", [plain])])

    assert [(row["label"], row["marked"]) for row in rows] == [("", "2")]


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        ("cat", "cat"),
        ("{}", "{}"),
        ('[{"x": 0.1, "y": 0.2, "w": 0.3}]', '[{"x": 0.1, "y": 0.2, "w": 0.3}]'),
        ('[{"x": 10, "y": 20, "w": 30, "h": 5}]', '[{"x": 10, "y": 20, "w": 30, "h": 5}]'),
        (
            '[{"x": true, "y": 0, "w": 0.1, "h": 0.1}]',
            '[{"x": true, "y": 0, "w": 0.1, "h": 0.1}]',
        ),
        ('[{"x": 0, "y": 0, "w": 0, "h": 0.1}]', '[{"x": 0, "y": 0, "w": 0, "h": 0.1}]'),
        ('[{"x": 0, "y": 0, "w": 1, "h": 1, "label": ""}]',) * 2,
    ],
)
def test_what_is_no_box_is_refused_with_its_place(tmp_path, answer, came):
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [("task", "worker", "answer"), ("p", "v", "[]"), ("p", "w", answer)]
        )

    with pytest.raises(BadFile) as refusal:
        aggregate_file(
            Request(str(path), str(tmp_path / "o.csv"), kind="box"), watch=Watch(lambda name: None)
        )

    assert str(refusal.value) == (
        f"{path}: line 3, column answer: expected boxes as JSON in fractions of the picture, "
        '[{"x": .1, "y": .2, "w": .3, "h": .1}], perhaps each with a label, got ' + came
    )
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("role", "is_labelled", "sentence"),
    [
        ("gold", True, "expected a label on each box, as the answers have"),
        ("truth", True, "expected a label on each box, as the answers have"),
        ("gold", False, "expected no labels, for the answers have none"),
    ],
)
def test_known_boxes_have_labels_as_the_answers_have(tmp_path, role, is_labelled, sentence):
    plain = {name: CAT[name] for name in "xywh"}
    given, known = (CAT, plain) if is_labelled else (plain, CAT)

    with pytest.raises(BadFile) as refusal:
        _aggregate(tmp_path, [("p", "ann", [given])], **{role: [("p", [known])]})

    assert str(refusal.value) == f"{tmp_path / role}.csv: line 2, column truth: {sentence}"


def test_some_boxes_with_a_label_and_some_without_are_refused(tmp_path):
    plain = {name: CAT[name] for name in "xywh"}

    with pytest.raises(BadFile) as refusal:
        _aggregate(tmp_path, [("p", "ann", [CAT]), ("p", "bo", [plain])])

    assert str(refusal.value) == (
        f"{tmp_path / 'a.csv'}: line 3, column answer: expected a label on each box or on none, "
        "got some with and some without"
    )


def _aggregate(tmp_path, given, *, gold=None, truth=None):
    files = {
        "answers": tmp_path / "a.csv",
        "out": tmp_path / "o.csv",
        "workers": tmp_path / "w.csv",
    }
    _write(files["answers"], ("task", "worker", "answer"), given)
    for name, known in (("gold", gold), ("truth", truth)):
        if known is not None:
            files[name] = tmp_path / f"{name}.csv"
            _write(files[name], ("task", "truth"), known)
    request = Request(**{name: str(path) for name, path in files.items()}, kind="box")
    notes = aggregate_file(request, watch=Watch(lambda name: None))
    return _rows(files["out"]), _rows(files["workers"]), notes


def _write(path, header, rows):
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows([*row[:-1], json.dumps(row[-1])] for row in rows)


def _rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
