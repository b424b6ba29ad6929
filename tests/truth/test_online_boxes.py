from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from dure.truth import BadAnswers, OnlineBoxes, infer_boxes
from dure.truth._box_verdicts import conclude
from tests.truth.box_crowds import part_of, random_boxes, simulate_boxes, some_known

ROUNDING = {"rtol": 0.0, "atol": 1e-12}


@settings(max_examples=20, deadline=None)
@given(random_boxes())
def test_with_habits_held_it_concludes_what_all_answers_do(boxes):
    n_answers = len(boxes.task_of_answer)
    first = part_of(boxes, np.arange(n_answers) < n_answers // 2)
    fit = infer_boxes(first)
    online = OnlineBoxes(fit, first, learns=False)

    for row in range(n_answers // 2, n_answers):
        online.add(**_answer(boxes, row))

    together = conclude(boxes, None, fit.habits, fit.shared)
    for task in range(boxes.n_tasks):
        ours, rows = online.boxes(task), together.task == task
        np.testing.assert_allclose(ours.probability, together.probability[rows], **ROUNDING)
        np.testing.assert_allclose(ours.corners, together.corners[rows], **ROUNDING)
        np.testing.assert_allclose(ours.low, together.low[rows], **ROUNDING)
        assert (ours.label == together.label[rows]).all()


def test_the_fit_s_own_conclusion_is_that_of_its_habits():
    crowd = simulate_boxes([0.9, 0.8, 0.6], n_tasks=20)
    gold = some_known(crowd.truth, [3, 4])
    fit = infer_boxes(crowd.boxes, gold=gold)
    online = OnlineBoxes(fit, crowd.boxes, gold=gold)

    for task in range(20):
        rows, ours = fit.task == task, online.boxes(task)
        np.testing.assert_allclose(ours.probability, fit.probability[rows], **ROUNDING)
        np.testing.assert_allclose(ours.high, fit.high[rows], **ROUNDING)


def test_learning_on_the_way_agrees_with_a_refit():
    boxes = simulate_boxes([0.95, 0.9, 0.8, 0.6, 0.5], n_tasks=60, false_alarms=0.3).boxes
    later = np.random.default_rng(1).random(len(boxes.task_of_answer)) < 0.2
    first = part_of(boxes, ~later)
    online = OnlineBoxes(infer_boxes(first), first)

    for row in np.flatnonzero(later):
        online.add(**_answer(boxes, row))

    refit = infer_boxes(boxes)
    ours = np.concatenate([online.boxes(task).probability for task in range(boxes.n_tasks)])
    both = np.sort(ours), np.sort(refit.probability)
    assert abs((ours >= 0.5).sum() - (refit.probability >= 0.5).sum()) <= 0.03 * len(ours)
    assert np.abs(both[0] - both[1]).mean() < 0.03
    # Closer to the refit than what was known before.
    gap = np.abs(online.habits[:, 0] - refit.habits[:, 0]).mean()
    assert gap < np.abs(infer_boxes(first).habits[:, 0] - refit.habits[:, 0]).mean() + 0.05


def test_new_tasks_and_workers_join_as_newcomers():
    crowd = simulate_boxes([0.9, 0.8, 0.7], n_tasks=20)
    fit = infer_boxes(crowd.boxes)
    online = OnlineBoxes(fit, crowd.boxes)
    box = np.array([[0.1, 0.1, 0.3, 0.3]])

    before = online.add(task=20, worker=3, corners=box)
    after = online.add(task=20, worker=4, corners=box + 0.001)
    against = online.add(task=20, worker=5, corners=np.empty((0, 4)))

    assert online.habits.shape == (6, fit.habits.shape[1])
    assert after.probability[0] > before.probability[0] > 0.0
    assert against.probability[0] < after.probability[0]
    assert after.n_marked.tolist() == [2]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"task": 9}, "Expected a task from 0 to 5, got 9."),
        ({"worker": 5}, "Expected a worker from 0 to 3, got 5."),
        (
            {"worker": 0},
            ("Expected one answer for each task and worker, got another of worker 0 to task 0; "
            "leave it out."),
        ),
        (
            {"corners": np.array([[0.5, 0.5, 0.4, 0.9]])},
            ("Expected corners as x0, y0, x1, y1 in order and from 0 to 1, got "
            "[0.5, 0.5, 0.4, 0.9] at position 2; give fractions of the picture."),
        ),
    ],
)  # fmt: skip
def test_a_refused_answer_changes_nothing(change, sentence):
    crowd = simulate_boxes([1.0, 1.0, 1.0], n_tasks=5, n_things=1, false_alarms=0.0)
    kept = part_of(crowd.boxes, np.arange(15) != 2)
    online = OnlineBoxes(infer_boxes(kept), kept)
    before = online.boxes(0)

    with pytest.raises(BadAnswers) as refusal:
        online.add(**{"task": 0, "worker": 2, "corners": np.array([[0.1, 0.1, 0.3, 0.3]])} | change)

    assert str(refusal.value) == sentence
    assert online.boxes(0).probability.tolist() == before.probability.tolist()
    assert len(online.habits) == 3


def _answer(boxes, row):
    its = boxes.answer_of_box == row
    return {
        "task": int(boxes.task_of_answer[row]),
        "worker": int(boxes.worker_of_answer[row]),
        "corners": boxes.corners[its],
        "labels": boxes.label_of_box[its],
    }
