from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from dure.doors.cli.aggregating.files import aggregate_file
from dure.doors.cli.aggregating.parts import Request, Watch
from dure.doors.files.bad_file import BadFile
from dure.truth import code_choices, code_predictions, surprisingly_popular
from tests.truth.predicting import exaggerating, informed

PREDICTIONS = "task,worker,value,prediction\n"


def test_verdicts_are_the_engine_s_with_what_is_surprising_at_the_end(tmp_path):
    request, columns, _ = _files(tmp_path, informed(seed=1))

    notes = aggregate_file(request, watch=Watch(lambda name: None))

    tasks, workers, answers, shares = columns
    coded = code_choices(tasks, workers, answers)
    predictions = code_predictions(coded, tasks, workers, ["yes"] * len(tasks), shares)
    expected = surprisingly_popular(coded.answers, predictions)
    rows = _rows(request.out)
    assert list(rows[0]) == [
        "task", "label", "probability", "answers", "p:no", "p:yes", "surprising", "margin",
    ]  # fmt: skip
    assert [row["label"] for row in rows] == [coded.classes[one] for one in expected.label]
    assert [row["surprising"] for row in rows] == [
        coded.classes[one] for one in expected.surprising
    ]
    margin = np.array([float(row["margin"]) for row in rows])
    assert margin.tobytes() == expected.margin.tobytes()
    (note,) = notes
    assert note == (
        "Believed the surprisingly popular answers over the majority's, for those who answer "
        f"better elsewhere give them (log odds {expected.evidence:+.1f}; they differ in "
        f"{(expected.surprising != expected.popular).sum()} of 60 tasks)."
    )


def test_truth_scores_both_answers_and_the_order_of_rows_changes_nothing(tmp_path):
    request, _, _ = _files(tmp_path, exaggerating(seed=2), truth=True)

    notes = aggregate_file(request, watch=Watch(lambda name: None))
    first = _rows(request.out)
    for name in (request.answers, request.predictions):
        _turn(name)
    again = aggregate_file(request, watch=Watch(lambda name: None))

    assert (notes, first) == (again, _rows(request.out))
    assert notes[0].startswith("Believed the votes over the surprisingly popular answers, for ")
    assert notes[-1].startswith("surprisingly popular answers right: ")
    assert notes[1] == "scored tasks: 60"


def test_task_that_nobody_predicted_has_nothing_surprising(tmp_path):
    request = _request(tmp_path, "s,w,a\nt,w,a\nt,v,b\n", "s,w,a,0.5\nr,w,a,0.5\n")

    aggregate_file(request, watch=Watch(lambda name: None))

    found = [(row["task"], row["surprising"], row["margin"] == "") for row in _rows(request.out)]
    assert found == [("s", "a", False), ("t", "", True)]


def test_workers_file_tells_how_far_predictions_lay_from_the_votes(tmp_path):
    workers = str(tmp_path / "w.csv")
    request = _request(tmp_path, "s,w,a\ns,v,b\ns,u,a\n", "s,w,a,0.5\ns,v,b,0.4\n", workers=workers)

    aggregate_file(request, watch=Watch(lambda name: None))

    rows = {row["worker"]: row["foresight_error"] for row in _rows(workers)}
    assert rows["u"] == ""
    assert [float(rows[who]) for who in "wv"] == pytest.approx([0.0, 0.4])


def test_predictions_of_others_leave_the_votes_to_decide(tmp_path):
    request = _request(tmp_path, "s,w,a\n", "r,w,a,0.5\nr,w,b,0.5\n")

    notes = aggregate_file(request, watch=Watch(lambda name: None))

    assert notes == [
        f"{request.predictions}: left out 2 predictions without an answer.",
        "No prediction came with an answer that counts, so the votes alone decided.",
    ]


@pytest.mark.parametrize(
    ("line", "options", "sentence"),
    [
        (
            "s,w,a,40",
            {},
            "prediction: expected a share from 0 to 1, got 40; divide percentages by 100",
        ),
        ("s,w,,0.4", {}, "value: is empty; say which answer the predicted share is of"),
        ("s,w,c,0.4", {"classes": "a,b"}, "value: expected one of --classes a, b, got 'c'"),
        (
            "s,w,a,much",
            {},
            (
                "prediction: expected a number, got 'much'; leave the prediction empty where "
                "there is none"
            ),
        ),
    ],
)
def test_bad_predictions_are_refused_with_their_place(tmp_path, line, options, sentence):
    request = _request(tmp_path, "s,w,a\n", line + "\n", **options)

    with pytest.raises(BadFile) as refusal:
        aggregate_file(request, watch=Watch(lambda name: None))

    assert str(refusal.value) == f"{request.predictions}: line 2, column {sentence}"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"method": "majority"},
            "--method majority does not go with --predictions; leave one of them out.",
        ),
        ({"out": "PREDICTIONS"}, "p.csv: is an input, which it would replace; name another file"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, options, sentence):
    request = _request(tmp_path, "s,w,a\n", "s,w,a,0.5\n")
    given = {name: request.predictions if one == "PREDICTIONS" else one
             for name, one in options.items()}  # fmt: skip
    fields = {name: getattr(request, name) for name in ("answers", "out", "predictions")}

    with pytest.raises(BadFile) as refusal:
        aggregate_file(Request(**{**fields, **given}), watch=Watch(lambda name: None))

    assert str(refusal.value).endswith(sentence)


def _files(folder, crowd, *, truth=False):
    answers, predictions, labels = crowd
    tasks = [f"t{code:02}" for code in answers.task_of_answer]
    workers = [f"w{code:02}" for code in answers.worker_of_answer]
    given = [("no", "yes")[code] for code in answers.label_of_answer]
    shares = predictions[:, 1].tolist()
    request = _request(
        folder,
        "".join(f"{','.join(row)}\n" for row in zip(tasks, workers, given, strict=True)),
        "".join(
            f"{task},{worker},yes,{share!r}\n"
            for task, worker, share in zip(tasks, workers, shares, strict=True)
        ),
        truth="t" if truth else "",
    )
    if truth:
        words = "".join(f"t{at:02},{('no', 'yes')[code]}\n" for at, code in enumerate(labels))
        (folder / "t.csv").write_text("task,truth\n" + words)
    return request, (tasks, workers, given, shares), labels


def _request(folder, answers, predictions, *, truth="", **options):
    (folder / "a.csv").write_text("task,worker,answer\n" + answers)
    (folder / "p.csv").write_text(PREDICTIONS + predictions)
    names = {"answers": "a.csv", "out": "o.csv", "predictions": "p.csv"}
    given = {role: str(folder / name) for role, name in names.items()}
    return Request(**given, truth=str(folder / "t.csv") if truth else "", **options)


def _rows(path):
    with Path(path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _turn(path):
    head, *lines = Path(path).read_text().splitlines(keepends=True)
    Path(path).write_text("".join([head, *lines[::-1]]))
