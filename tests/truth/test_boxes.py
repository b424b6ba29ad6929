from __future__ import annotations

import json
from dataclasses import asdict, fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth import (
    BadAnswers,
    Boxes,
    KnownBoxes,
    MergedBoxes,
    Outcome,
    infer_boxes,
    score_boxes,
)
from dure.truth._box_matching import overlaps
from tests.truth.box_crowds import random_boxes, shuffled, simulate_boxes, some_known
from tests.truth.laws import (
    SAME,
    arguments_come_back_unchanged,
    same_seed_gives_the_same_bits,
)

SEEDS = st.integers(0, 2**32 - 1)


def _permutation(size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(size).astype(np.int32)


@settings(max_examples=25, deadline=None)
@given(random_boxes(), SEEDS)
def test_the_order_of_answers_and_boxes_changes_no_bit(boxes, seed):
    expected, result = infer_boxes(boxes), infer_boxes(shuffled(boxes, seed))

    for name in ("task", "corners", "low", "high", "label", "probability", "n_marked", "skill"):
        assert getattr(result, name).tobytes() == getattr(expected, name).tobytes(), name


@settings(max_examples=25, deadline=None)
@given(random_boxes(), SEEDS)
def test_renaming_tasks_and_workers_renames_the_result(boxes, seed):
    tasks, workers = _permutation(boxes.n_tasks, seed), _permutation(boxes.n_workers, seed)

    result = infer_boxes(
        replace(
            boxes,
            task_of_answer=tasks[boxes.task_of_answer],
            worker_of_answer=workers[boxes.worker_of_answer],
        )
    )

    expected = infer_boxes(boxes)
    np.testing.assert_allclose(result.skill[workers], expected.skill, **SAME)
    np.testing.assert_allclose(result.precision[workers], expected.precision, **SAME)
    assert (result.n_answers[tasks] == expected.n_answers).all()
    for task in range(boxes.n_tasks):
        ours, theirs = result.task == tasks[task], expected.task == task
        np.testing.assert_allclose(
            np.sort(result.probability[ours]), np.sort(expected.probability[theirs]), **SAME
        )
        assert sorted(result.n_marked[ours]) == sorted(expected.n_marked[theirs])


@settings(max_examples=25, deadline=None)
@given(random_boxes(), SEEDS)
def test_arguments_stay_and_bits_repeat(boxes, seed):
    arguments_come_back_unchanged(infer_boxes, boxes, seed)
    same_seed_gives_the_same_bits(infer_boxes, boxes, seed)


@settings(max_examples=40, deadline=None)
@given(random_boxes())
def test_results_are_whole_and_within_bounds(boxes):
    result = infer_boxes(boxes)

    assert (result.low <= result.corners).all()
    assert (result.corners <= result.high).all()
    assert (result.low >= 0.0).all()
    assert (result.high <= 1.0).all()
    assert (result.corners[:, :2] <= result.corners[:, 2:]).all()
    assert ((result.probability > 0.0) & (result.probability < 1.0)).all()
    answered = np.bincount(boxes.worker_of_answer, minlength=boxes.n_workers) > 0
    assert (np.isnan(result.skill) == ~answered).all()
    assert (result.skill_low <= result.skill)[answered].all()
    assert (result.skill <= result.skill_high)[answered].all()
    # Every box is in one merged box of its task, at most one of each answer.
    assert (result.task[result.merged_of_box] == boxes.task_of_answer[boxes.answer_of_box]).all()
    pairs = set(zip(result.merged_of_box.tolist(), boxes.answer_of_box.tolist(), strict=True))
    assert len(pairs) == len(boxes.answer_of_box)
    counted = np.bincount(result.merged_of_box, minlength=len(result.task))
    assert (counted == result.n_marked).all()
    assert (np.diff(result.task) >= 0).all()
    same_task = np.diff(result.task) == 0
    assert (np.diff(result.probability)[same_task] <= 0).all()


def test_labels_are_renamed_with_the_answers():
    crowd = simulate_boxes([0.9, 0.8, 0.7, 0.9], n_tasks=20)
    renamed = np.array([2, 0, 1], np.int32)

    result = infer_boxes(replace(crowd.boxes, label_of_box=renamed[crowd.boxes.label_of_box]))

    expected = infer_boxes(crowd.boxes)
    several = expected.n_marked > 2
    assert (result.label == renamed[expected.label])[several].mean() > 0.97


def test_workers_and_boxes_are_told_apart_beside_share_and_mean():
    # Two who see everything and draw well, three who see half.
    crowd = simulate_boxes([0.97, 0.95, 0.5, 0.5, 0.45], n_tasks=80, false_alarms=0.4)

    result = infer_boxes(crowd.boxes)

    ours = _score(result, crowd.truth, result.probability)
    share = _score(result, crowd.truth, result.n_marked / 5.0)
    assert ours.f1 > share.f1 + 0.02
    assert ours.log_loss < 0.7 * share.log_loss
    assert ours.precision > 0.9
    assert result.skill[:2].min() > result.skill[2:].max() + 0.1
    np.testing.assert_allclose(result.skill, [0.97, 0.95, 0.5, 0.5, 0.45], atol=0.12)
    assert result.outcome is Outcome.SETTLED


def test_whoever_draws_badly_counts_less_and_one_sided_errors_are_undone():
    crowd = simulate_boxes([1.0, 1.0, 1.0, 1.0], n_tasks=60, false_alarms=0.0, jitter=0.003)
    boxes, rng = crowd.boxes, np.random.default_rng(1)
    sloppy = boxes.worker_of_answer[boxes.answer_of_box] == 3
    corners = boxes.corners.copy()
    corners[sloppy] += rng.normal(0.0, 0.02, corners[sloppy].shape)
    corners = np.clip(corners, 0.0, 1.0)

    result = infer_boxes(replace(boxes, corners=corners))

    mean = np.stack(
        [np.bincount(result.merged_of_box, side) / result.n_marked for side in corners.T], axis=1
    )
    ours = _score(result, crowd.truth, result.probability)
    plain = _score(replace(result, corners=mean), crowd.truth, result.probability)
    assert (1.0 - ours.overlap) < 0.8 * (1.0 - plain.overlap)


def test_an_answer_without_boxes_speaks_against_what_others_marked():
    def fitted(n_empty: int) -> MergedBoxes:
        n_answers = 2 + n_empty
        return infer_boxes(
            Boxes(
                task_of_answer=np.zeros(n_answers, np.int32),
                worker_of_answer=np.arange(n_answers, dtype=np.int32),
                answer_of_box=np.array([0, 1], np.int32),
                corners=np.array([[0.1, 0.1, 0.4, 0.4], [0.1, 0.1, 0.41, 0.4]]),
                label_of_box=np.zeros(2, np.int32),
                n_tasks=1,
                n_workers=n_answers,
                n_labels=1,
            )
        )

    chances = [float(fitted(n_empty).probability[0]) for n_empty in range(6)]

    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.8
    assert chances[-1] < 0.5


def test_two_things_that_overlap_stay_two_where_answers_say_two():
    one, other = [0.1, 0.1, 0.5, 0.5], [0.18, 0.12, 0.58, 0.52]
    assert overlaps(np.array([one]), np.array([other]))[0, 0] > 0.5
    rng = np.random.default_rng(0)
    corners = np.array([one, other] * 3) + rng.normal(0.0, 0.01, (6, 4))

    result = infer_boxes(
        Boxes(
            task_of_answer=np.zeros(3, np.int32),
            worker_of_answer=np.arange(3, dtype=np.int32),
            answer_of_box=np.repeat(np.arange(3, dtype=np.int32), 2),
            corners=corners,
            label_of_box=np.zeros(6, np.int32),
            n_tasks=1,
            n_workers=3,
            n_labels=1,
        )
    )

    assert result.n_marked.tolist() == [3, 3]
    assert result.merged_of_box.reshape(3, 2).tolist() == [result.merged_of_box[:2].tolist()] * 3


def test_more_agreement_gives_narrower_intervals():
    few = infer_boxes(simulate_boxes([1.0] * 2, n_tasks=40, false_alarms=0.0).boxes)
    many = infer_boxes(simulate_boxes([1.0] * 8, n_tasks=40, false_alarms=0.0).boxes)

    assert (many.high - many.low).mean() < 0.75 * (few.high - few.low).mean()


def test_known_boxes_are_certain_and_tell_of_workers():
    # All overlook the second thing of each picture, so nothing but gold can tell.
    crowd = simulate_boxes([0.9, 0.9, 0.9], n_tasks=40, n_things=2, false_alarms=0.1)
    first = np.flatnonzero(crowd.truth.task >= 0)[::2]
    hidden = KnownBoxes(
        crowd.truth.is_known,
        crowd.truth.task,
        crowd.truth.corners.copy(),
        crowd.truth.label,
    )
    hidden.corners[first + 1] = [0.96, 0.96, 0.99, 0.99]
    gold = some_known(hidden, list(range(20)))

    result, without = infer_boxes(crowd.boxes, gold=gold), infer_boxes(crowd.boxes)

    told = gold.is_known[result.task]
    assert set(result.probability[told].tolist()) == {0.0, 1.0}
    real = told & (result.probability == 1.0)
    assert sorted(map(tuple, result.corners[real])) == sorted(map(tuple, gold.corners))
    assert (result.low == result.corners)[real].all()
    assert (result.high == result.corners)[real].all()
    assert (result.n_marked[real] == 0).any()
    assert result.skill.max() < without.skill.min()


def test_a_task_known_to_be_empty_has_nothing_real():
    crowd = simulate_boxes([0.9, 0.9, 0.9], n_tasks=10)
    nothing = KnownBoxes(
        np.arange(10) == 4, np.empty(0, np.int32), np.empty((0, 4)), np.empty(0, np.int32)
    )

    result = infer_boxes(crowd.boxes, gold=nothing)

    assert (result.probability[result.task == 4] == 0.0).all()
    assert (result.task == 4).any()


def test_without_answers_nothing_is_concluded():
    empty = np.empty(0, np.int32)
    result = infer_boxes(Boxes(empty, empty, empty, np.empty((0, 4)), empty, 2, 0, 1))

    assert result.outcome is Outcome.NO_ANSWERS
    assert len(result.task) == 0
    assert result.n_answers.tolist() == [0, 0]
    assert infer_boxes(
        Boxes(empty, empty, empty, np.empty((0, 4)), empty, 1, 0, 1),
        gold=KnownBoxes(np.ones(1, bool), np.zeros(1, np.int32), np.array([[0, 0, 0.5, 0.5]]),
                        np.zeros(1, np.int32)),
    ).probability.tolist() == [1.0]  # fmt: skip


def test_answers_that_mark_nothing_leave_no_box():
    none, two = np.empty(0, np.int32), np.arange(2, dtype=np.int32)
    result = infer_boxes(Boxes(np.zeros(2, np.int32), two, none, np.empty((0, 4)), none, 1, 2, 1))

    assert (len(result.task), result.n_answers.tolist()) == (0, [2])
    assert result.outcome is Outcome.DIRECT
    assert ((result.skill > 0) & (result.skill < 1)).all()


def test_one_box_of_one_answer_is_undecided_and_where_it_was_drawn():
    one = np.zeros(1, np.int32)
    result = infer_boxes(Boxes(one, one, one, np.array([[0.2, 0.2, 0.6, 0.5]]), one, 1, 1, 1))

    assert 0.2 < result.probability[0] < 0.9
    assert result.corners.tolist() == [[0.2, 0.2, 0.6, 0.5]]
    assert (result.high - result.low > 0.02).all()


def test_what_is_learned_of_all_can_be_written_as_json():
    result = infer_boxes(simulate_boxes([0.9, 0.8], n_tasks=5).boxes)

    kept = json.loads(json.dumps(asdict(result.shared)))

    assert {field.name for field in fields(result.shared)} == set(kept)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"corners": np.array([[0.2, 0.2, 0.1, 0.5]])},
            (
                "Expected corners as x0, y0, x1, y1 in order and from 0 to 1, got "
                "[0.2, 0.2, 0.1, 0.5] at position 0; give fractions of the picture."
            ),
        ),
        (
            {"corners": np.array([[0.2, np.nan, 0.3, 0.5]])},
            (
                "Expected corners as x0, y0, x1, y1 in order and from 0 to 1, got "
                "[0.2, nan, 0.3, 0.5] at position 0; give fractions of the picture."
            ),
        ),
        (
            {"corners": np.array([[0.2, 0.3, 0.5]])},
            "Expected corners of shape (1, 4), got (1, 3); give x0, y0, x1 and y1 of each box.",
        ),
        (
            {"answer_of_box": np.array([3], np.int32)},
            (
                "Expected answer_of_box from 0 to 0, got 3 at position 0; "
                "code the answers with dure.truth.coding."
            ),
        ),
        (
            {"n_labels": 0},
            "Expected at least one label (n_labels >= 1), got 0; where boxes have none, say 1.",
        ),
    ],
)
def test_what_is_no_box_is_refused(change, sentence):
    one = np.zeros(1, np.int32)
    boxes = Boxes(one, one, one, np.array([[0.2, 0.2, 0.6, 0.5]]), one, 1, 1, 1)

    with pytest.raises(BadAnswers) as refusal:
        infer_boxes(replace(boxes, **change))

    assert str(refusal.value) == sentence


def test_known_boxes_of_tasks_that_are_not_known_are_refused():
    one = np.zeros(1, np.int32)
    boxes = Boxes(one, one, one, np.array([[0.2, 0.2, 0.6, 0.5]]), one, 1, 1, 1)

    with pytest.raises(BadAnswers) as refusal:
        infer_boxes(boxes, gold=KnownBoxes(np.zeros(1, bool), one, boxes.corners, one))

    assert str(refusal.value) == (
        "Expected known boxes of known tasks alone, got one of task 0; "
        "say in is_known that all its boxes are known, or leave the box out."
    )


def _score(result, truth, probability):
    return score_boxes(
        result.task, result.corners, np.asarray(probability, np.float64), truth, label=result.label
    )
