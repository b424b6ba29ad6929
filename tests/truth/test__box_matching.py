from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from dure.truth import Boxes, _box_matching
from dure.truth._box_matching import AREA_MIN, LABEL_GAP, OVERLAP_MIN, match, overlaps
from tests.truth.box_crowds import random_boxes, shuffled


@settings(max_examples=40, deadline=None)
@given(random_boxes())
def test_the_compiled_loops_group_as_the_plain_ones_do(boxes):
    plain = match(boxes, None)
    few = _box_matching.N_BOXES_PLAIN_MAX
    try:
        _box_matching.N_BOXES_PLAIN_MAX = -1
        compiled = match(boxes, None)
    finally:
        _box_matching.N_BOXES_PLAIN_MAX = few

    assert (compiled.group_of_box == plain.group_of_box).all()


@settings(max_examples=40, deadline=None)
@given(random_boxes())
def test_no_two_groups_are_left_that_would_be_one(boxes):
    marks = match(boxes, None)

    for one in range(marks.n_groups):
        for other in range(one):
            ours, theirs = marks.group_of_box == one, marks.group_of_box == other
            if marks.task_of_group[one] != marks.task_of_group[other]:
                continue
            like = overlaps(marks.corners[ours], marks.corners[theirs])
            like -= LABEL_GAP * (marks.label_of_box[ours][:, None] != marks.label_of_box[theirs])
            shares_answer = bool(set(marks.worker_of_box[ours]) & set(marks.worker_of_box[theirs]))
            assert shares_answer or like.mean() < OVERLAP_MIN + 1e-9


def test_pairs_are_each_group_with_each_answer_to_its_task():
    marks = match(shuffled(_two_tasks(), 3), None)

    assert marks.group_of_pair.tolist() == [0, 0, 1, 1, 2]
    assert marks.worker_of_pair.tolist() == [0, 1, 0, 1, 0]
    assert marks.is_marked.tolist() == [True, True, False, True, True]
    assert marks.n_marked.tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([0, 0, 0.5, 0.5], [0, 0, 0.5, 0.5], 1.0),
        ([0, 0, 0.5, 0.5], [0.25, 0, 0.75, 0.5], 1 / 3),
        ([0, 0, 0.5, 0.5], [0.5, 0, 0.75, 0.5], 0.0),
        ([0, 0, 0.5, 0.5], [0.6, 0.6, 0.75, 0.7], 0.0),
        ([0.3, 0.3, 0.3, 0.3], [0.3, 0.3, 0.3, 0.3], 1.0),
        ([0.3, 0.3, 0.3, 0.3], [0.2, 0.2, 0.4, 0.4], 0.0),
    ],
)
def test_overlap_is_the_shared_part_of_what_either_covers(one, other, expected):
    found = overlaps(np.array([one], float), np.array([other], float))

    assert found[0, 0] == pytest.approx(expected, abs=AREA_MIN)


def _two_tasks():
    corners = np.array(
        [[0.1, 0.1, 0.4, 0.4], [0.1, 0.1, 0.42, 0.4], [0.6, 0.6, 0.9, 0.9], [0.2, 0.2, 0.5, 0.5]]
    )
    return Boxes(
        task_of_answer=np.array([0, 0, 1], np.int32),
        worker_of_answer=np.array([0, 1, 0], np.int32),
        answer_of_box=np.array([0, 1, 1, 2], np.int32),
        corners=corners,
        label_of_box=np.zeros(4, np.int32),
        n_tasks=2,
        n_workers=2,
        n_labels=1,
    )
