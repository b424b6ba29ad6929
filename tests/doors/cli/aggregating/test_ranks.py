from __future__ import annotations

import csv
import json

import pytest

from dure.doors.cli.aggregating.files import aggregate_file
from dure.doors.cli.aggregating.parts import Request, Watch
from dure.doors.files.bad_file import BadFile
from dure.truth import code_rankings, infer_rankings

ROWS = [
    ("t1", "v", ["a", "b", "c"]),
    ("t1", "w", ["a", "c", "b"]),
    ("t2", "v", ["b", "c", "d"]),
]


def test_verdicts_are_the_engine_s_to_the_last_bit(tmp_path):
    notes, out = _run(tmp_path, ROWS)

    ranking = infer_rankings(code_rankings(*zip(*ROWS, strict=True)).rankings)
    rows = _read(out)
    assert notes == []
    assert [row["item"] for row in rows] == ["a", "b", "c", "d"]
    assert [float(row["score"]) for row in rows] == ranking.score.tolist()
    assert [row["comparisons"] for row in rows] == ["4", "6", "6", "2"]


def test_true_orders_score_pair_by_pair_and_known_ones_do_not_count(tmp_path):
    truth, gold = tmp_path / "truth.csv", tmp_path / "gold.csv"
    _write(truth, ["task", "truth"], [("t1", '["a", "b", "c"]'), ("t2", '["c", "b"]')])
    _write(gold, ["task", "truth"], [("t2", '["b", "c", "d"]')])

    notes, _ = _run(tmp_path, ROWS, truth=str(truth), gold=str(gold))

    assert notes[:4] == [
        "Known from --gold and heard as an expert's word: 1 tasks.",
        "scored tasks: 1",
        "scored pairs of items: 3",
        "pairs in the true order: 1.000000",
    ]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("a", 'expected a list of items, the first one first, as in ["a", "b"]; got \'a\''),
        ('["a", 1]', ("expected a list of items, the first one first, as in [\"a\", \"b\"]; "
                     "got '[\"a\", 1]'")),
        ('["a", "b", "a"]', "expected each item once, got 'a' twice"),
    ],
)  # fmt: skip
def test_bad_cells_are_named(tmp_path, cell, sentence):
    answers = tmp_path / "answers.csv"
    _write(answers, ["task", "worker", "answer"], [("t", "w", cell)])

    with pytest.raises(BadFile) as refusal:
        aggregate_file(
            Request(str(answers), str(tmp_path / "o.csv"), kind="rank"), watch=Watch(lambda _: None)
        )

    assert str(refusal.value) == f"{answers}: line 2, column answer: {sentence}"


def _run(folder, rows, **options):
    answers, out = folder / "answers.csv", folder / "out.csv"
    written = [(task, worker, json.dumps(order)) for task, worker, order in rows]
    _write(answers, ["task", "worker", "answer"], written)
    request = Request(str(answers), str(out), kind="rank", **options)
    return aggregate_file(request, watch=Watch(lambda _: None)), out


def _write(path, header, rows):
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])


def _read(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))
