from __future__ import annotations

import csv

import pytest

from dure.doors.cli.aggregating.files import aggregate_file
from dure.doors.cli.aggregating.parts import Request, Watch
from dure.doors.files.bad_file import BadFile
from dure.truth import code_pairs, infer_pairs

HEADER = "task,worker,answer,left,right\n"
ROWS = [
    ("t1", "v", "left", "a", "b"),
    ("t1", "w", "left", "a", "b"),
    ("t2", "v", "right", "c", "b"),
    ("t2", "w", "same", "c", "b"),
    ("t3", "v", "left", "a", "c"),
]


def test_verdicts_are_the_engine_s_to_the_last_bit(tmp_path):
    notes, out = _run(tmp_path, ROWS, workers=str(tmp_path / "w.csv"))

    items = {task: (left, right) for task, _, _, left, right in ROWS}
    columns = ([row[at] for row in ROWS] for at in range(3))
    ranking = infer_pairs(code_pairs(*columns, items=items).comparisons)
    rows = _read(out)
    assert notes == []
    assert list(rows[0]) == [
        "item", "score", "low", "high", "rank", "comparisons", "rank_low", "rank_high",
        "component",
    ]  # fmt: skip
    assert [row["item"] for row in rows] == ["a", "b", "c"]
    assert [float(row["score"]) for row in rows] == ranking.score.tolist()
    assert [row["comparisons"] for row in rows] == ["3", "4", "3"]
    assert list(_read(tmp_path / "w.csv")[0]) == [
        "worker", "skill", "skill_low", "skill_high", "answers",
    ]  # fmt: skip


def test_truths_score_and_known_sides_do_not_count(tmp_path):
    (tmp_path / "truth.csv").write_text("task,truth\nt1,left\nt2,right\nt3,left\nx,same\n")
    (tmp_path / "gold.csv").write_text("task,truth\nt3,left\n")

    notes, _ = _run(
        tmp_path, ROWS, truth=str(tmp_path / "truth.csv"), gold=str(tmp_path / "gold.csv")
    )

    assert notes[0] == "Known from --gold and heard as an expert's word: 1 tasks."
    assert notes[1] == "scored tasks: 2"
    assert notes[2].startswith("accuracy: 1.000000 (")
    assert notes[3].startswith("log loss: 0.")


def test_parts_without_comparisons_between_them_are_said(tmp_path):
    notes, _ = _run(tmp_path, [*ROWS, ("t4", "v", "left", "d", "e")])

    assert notes == [
        (
            "The items fall into 2 parts with no comparison between them; scores of different "
            "parts (column component) can't be compared."
        )
    ]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "task,worker,answer\nt,w,left\n",
            (
                "{file}: there is no column left, or nothing in it; answers of pairs need the "
                "columns left and right, which name the two items of the task"
            ),
        ),
        (
            HEADER + "t,w,left,a,\n",
            (
                "{file}: there is no column right, or nothing in it; answers of pairs need the "
                "columns left and right, which name the two items of the task"
            ),
        ),
        (
            HEADER + "t,w,left,a,b\ns,w,a,a,b\n",
            "{file}: line 3, column answer: expected left, right or same, got 'a'",
        ),
        (
            HEADER + "t,w,left,a,b\nt,v,left,b,a\n",
            "{file}: line 3, column left: is 'b', but task 't' had 'a' before; keep one",
        ),
        (
            HEADER + "t,w,left,a,\ns,w,left,a,b\n",
            "{file}: line 2, column right: is empty; every answer needs the task's two items",
        ),
        (
            HEADER + "t,w,left,a,a\n",
            "{file}: line 2, column right: is 'a', as the left is; compare two different items",
        ),
    ],
)
def test_bad_rows_are_named(tmp_path, body, sentence):
    answers = tmp_path / "answers.csv"
    answers.write_text(body)
    out = tmp_path / "out.csv"

    with pytest.raises(BadFile) as refusal:
        aggregate_file(Request(str(answers), str(out), kind="pair"), watch=Watch(lambda _: None))

    assert str(refusal.value) == sentence.format(file=answers)
    assert not out.exists()


def _run(folder, rows, **options):
    answers, out = folder / "answers.csv", folder / "out.csv"
    answers.write_text(HEADER + "".join(",".join(row) + "\n" for row in rows))
    request = Request(str(answers), str(out), kind="pair", **options)
    return aggregate_file(request, watch=Watch(lambda _: None)), out


def _read(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))
