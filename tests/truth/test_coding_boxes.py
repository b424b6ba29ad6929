from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth import BadAnswers, box_value, code_boxes, code_known_boxes

CAT = {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.1, "label": "cat"}
DOG = {"x": 0.5, "y": 0.5, "w": 0.5, "h": 0.5, "label": "dog"}
PLAIN = {"x": 0.5, "y": 0.5, "w": 0.5, "h": 0.5}


def test_rows_and_ids_are_put_in_order():
    coded = code_boxes(["t2", "t10", "t2"], ["b", "a", "a"], [[CAT, DOG], [], [DOG]])

    boxes = coded.boxes
    assert (coded.tasks, coded.workers, coded.classes) == (
        ("t10", "t2"),
        ("a", "b"),
        ("cat", "dog"),
    )
    assert coded.row_of_answer.tolist() == [1, 2, 0]
    assert boxes.task_of_answer.tolist() == [0, 1, 1]
    assert boxes.worker_of_answer.tolist() == [0, 0, 1]
    assert boxes.answer_of_box.tolist() == [1, 2, 2]
    assert boxes.label_of_box.tolist() == [1, 0, 1]
    np.testing.assert_allclose(boxes.corners[1], [0.1, 0.2, 0.4, 0.3])
    assert (boxes.n_tasks, boxes.n_workers, boxes.n_labels) == (2, 2, 2)


def test_boxes_without_labels_have_one_label():
    coded = code_boxes(["t"], ["a"], [[PLAIN]], classes=[])

    assert (coded.classes, coded.boxes.n_labels) == ((), 1)
    assert coded.boxes.label_of_box.tolist() == [0]


def test_sums_that_round_beyond_the_picture_end_at_its_edge():
    coded = code_boxes(["t"], ["a"], [[{"x": 0.33334, "y": 0, "w": 0.66667, "h": 1}]])

    assert coded.boxes.corners[0, 2] == 1.0


@pytest.mark.parametrize(
    ("values", "classes", "sentence"),
    [
        (
            [[PLAIN], [CAT]],
            None,
            "Expected a label of each box, got one without in row 0; label all boxes or none.",
        ),
        (
            [[], [CAT]],
            [],
            "Expected boxes without a label, got 'cat' in row 1; leave it out or name the options.",
        ),
        (
            [[DOG], [CAT]],
            ["cat"],
            ("Expected each label to be one of 'cat'; got 'dog' in row 0; "
            "leave the row out or add the label."),
        ),
        (
            [[], [{"x": 10, "y": 0, "w": 20, "h": 5}]],
            None,
            ("Expected x, y, w and h of each box as fractions of the picture, got "
            "[10.0, 0.0, 20.0, 5.0] in row 1; divide by the picture's width and height."),
        ),
    ],
)  # fmt: skip
def test_bad_boxes_are_refused_with_their_row(values, classes, sentence):
    with pytest.raises(BadAnswers) as refusal:
        code_boxes(["t", "t"], ["a", "b"], values, classes=classes)

    assert str(refusal.value) == sentence


def test_known_boxes_follow_the_coded_tasks_and_leave_others_out():
    coded = code_boxes(["t1", "t2", "t3"], ["a", "a", "a"], [[CAT], [DOG], []])

    known = code_known_boxes(coded, {"t2": [DOG, CAT], "t3": [], "t9": [CAT]})

    assert known.is_known.tolist() == [False, True, True]
    assert known.task.tolist() == [1, 1]
    assert known.label.tolist() == [1, 0]
    with pytest.raises(BadAnswers) as refusal:
        code_known_boxes(coded, {"t1": [PLAIN | {"label": "cow"}]})
    assert str(refusal.value) == (
        "Expected each known box to have a label of cat, dog; got 'cow'; name one of these."
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_a_box_written_is_one_that_an_answer_may_give(ends):
    low, high = np.minimum(ends[:2], ends[2:]), np.maximum(ends[:2], ends[2:])

    value = box_value(np.concatenate([low, high]), "cat")

    assert list(value) == ["x", "y", "w", "h", "label"]
    assert min(value["w"], value["h"]) >= 1e-5
    assert max(value["x"] + value["w"], value["y"] + value["h"]) <= 1 + 1e-9
    assert value["x"] == pytest.approx(low[0], abs=1.1e-5)
    assert value["y"] + value["h"] == pytest.approx(high[1], abs=2.1e-5)
