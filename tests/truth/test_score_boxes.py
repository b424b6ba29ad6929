from __future__ import annotations

import math

import numpy as np
import pytest

from dure.truth import KnownBoxes, score_boxes

BOX = [0.0, 0.0, 0.4, 0.4]
NEAR = [0.0, 0.0, 0.4, 0.3]  # overlaps the box by .75
LOOSE = [0.0, 0.0, 0.4, 0.24]  # by .6
FAR = [0.6, 0.6, 0.9, 0.9]


def test_boxes_are_matched_one_to_one_those_that_overlap_most_first():
    truth = _truth([0, 1], [BOX, BOX], n_tasks=3)

    score = score_boxes(
        np.array([0, 0, 1, 1], np.int32),
        np.array([NEAR, BOX, LOOSE, FAR]),
        np.array([0.9, 0.6, 0.8, 0.1]),
        truth,
        label=np.array([1, 0, 1, 0], np.int32),
        low=np.zeros((4, 4)),
        high=np.array([[1.0, 1.0, 1.0, 1.0]] * 3 + [[0.0] * 4]),
    )

    assert (score.precision, score.recall) == (2 / 3, 1.0)
    assert (score.precision_strict, score.recall_strict, score.f1_strict) == (1 / 3, 0.5, 0.4)
    assert score.f1 == pytest.approx(0.8)
    assert score.overlap == pytest.approx(0.8)
    assert (score.label_accuracy, score.coverage, score.n_tasks) == (0.5, 1.0, 3)
    expected = -np.log([1 - 0.9, 0.6, 0.8, 1 - 0.1]).mean()
    assert score.log_loss == pytest.approx(expected)
    assert score.calibration_error == pytest.approx((0.9 + 0.4 + 0.2 + 0.1) / 4)


def test_tasks_whose_boxes_are_not_known_are_left_out():
    truth = KnownBoxes(
        np.array([True, False]), np.empty(0, np.int32), np.empty((0, 4)), np.empty(0, np.int32)
    )

    score = score_boxes(np.array([0, 1], np.int32), np.array([BOX, BOX]), np.ones(2), truth)

    assert (score.precision, score.n_tasks) == (0.0, 1)
    assert math.isnan(score.recall)
    assert math.isnan(score.overlap)


def _truth(tasks, corners, *, n_tasks):
    return KnownBoxes(
        np.ones(n_tasks, bool),
        np.array(tasks, np.int32),
        np.array(corners),
        np.zeros(len(tasks), np.int32),
    )
