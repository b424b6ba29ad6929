from __future__ import annotations

import json

import numpy as np

from dure.calls.tasks.fitting.boxes import fit_boxes
from dure.calls.tasks.fitting.parts import Counted
from dure.truth import BoxHabits, code_boxes, explain_box, infer_boxes

QUESTION = {"type": "box", "options": [{"value": "cat"}, {"value": "dog"}]}
CAT = {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.1, "label": "cat"}
ALSO = {"x": 0.11, "y": 0.2, "w": 0.3, "h": 0.12, "label": "cat"}
DOG = {"x": 0.7, "y": 0.7, "w": 0.1, "h": 0.1, "label": "dog"}
TASKS, WORKERS = ["b", "b", "b", "a", "a"], ["x", "y", "z", "x", "y"]
VALUES = [[CAT], [ALSO, DOG], [CAT], [], []]


def test_verdicts_are_answers_of_what_is_believed_and_all_candidates():
    fit = fit_boxes(QUESTION, Counted(TASKS, WORKERS, VALUES, gold={}))

    boxes = fit.values[1]["boxes"]
    assert (fit.tasks, fit.answers, fit.values[0], fit.labels[0]) == (
        ["a", "b"], [2, 3], {"boxes": []}, "[]",
    )  # fmt: skip
    assert [(box["label"], box["marked"]) for box in boxes] == [("cat", 3), ("dog", 1)]
    assert boxes[0]["probability"] > 0.5 > boxes[1]["probability"]
    believed = {name: boxes[0][name] for name in ("x", "y", "w", "h", "label")}
    assert json.loads(fit.labels[1]) == [believed]
    assert set(boxes[0]) == {"x", "y", "w", "h", "label", "probability", "marked", "low", "high"}
    assert boxes[0]["low"][0] <= boxes[0]["x"] <= boxes[0]["high"][0]
    assert (list(fit.probabilities), fit.method) == ([], "merged-boxes")
    json.dumps(fit.values)


def test_those_who_mark_everything_are_left_out_where_a_task_has_too_many_boxes():
    mess = [{**DOG, "x": 0.007 * n, "y": 0.5} for n in range(100)]
    crowd = [mess] * 41 + [[CAT], [ALSO], [CAT]]
    tasks, workers = ["a"] * 44 + ["b"], [f"w{n}" for n in range(45)]

    fit = fit_boxes(QUESTION, Counted(tasks, workers, [*crowd, [DOG]], gold={}))

    assert (fit.tasks, fit.answers) == (["a", "b"], [44, 1])
    marked = [box["marked"] for box in fit.values[0]["boxes"] if box["label"] == "cat"]
    assert max(marked) == 3


def test_questions_without_options_have_boxes_without_labels():
    plain = [[{name: box[name] for name in "xywh"} for box in value] for value in VALUES]

    fit = fit_boxes({"type": "box"}, Counted(TASKS, WORKERS, plain, gold={}))

    assert "label" not in fit.values[1]["boxes"][0]
    assert set(json.loads(fit.labels[1])[0]) == {"x", "y", "w", "h"}


def test_known_boxes_come_back_as_they_are():
    fit = fit_boxes(QUESTION, Counted(TASKS, WORKERS, VALUES, gold={"b": [DOG], "a": []}))

    boxes = fit.values[1]["boxes"]
    assert (boxes[0]["probability"], boxes[1]["probability"]) == (1.0, 0.0)
    assert json.loads(fit.labels[1]) == [DOG]


def test_what_is_kept_explains_a_task_by_itself():
    fit = fit_boxes(QUESTION, Counted(TASKS, WORKERS, VALUES, gold={}))
    kept = json.loads(json.dumps(fit.learned.shared))
    assert kept.pop("kind") == "box"
    shared = BoxHabits(**kept)
    rows = dict(zip(fit.learned.workers, fit.learned.concentrations, strict=True))

    one = code_boxes(TASKS[:3], WORKERS[:3], VALUES[:3], classes=["cat", "dog"])
    told = explain_box(np.array([rows[worker] for worker in one.workers]), shared, one.boxes)

    whole = infer_boxes(code_boxes(TASKS, WORKERS, VALUES, classes=["cat", "dog"]).boxes)
    assert told.probability == whole.probability[0]
    assert abs(told.prior + told.weight_of_answer.sum() - told.log_odds) < 1e-9


def test_the_same_answers_in_another_order_give_the_same_digest():
    turned = Counted(TASKS[::-1], WORKERS[::-1], VALUES[::-1], gold={})

    fit = fit_boxes(QUESTION, Counted(TASKS, WORKERS, VALUES, gold={}))

    assert fit_boxes(QUESTION, turned).digest() == fit.digest()
