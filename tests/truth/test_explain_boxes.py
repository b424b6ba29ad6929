from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from dure.truth import BadAnswers, explain_box, explain_boxes, infer_boxes
from dure.truth.explain_boxes import answers_to
from tests.truth.box_crowds import random_boxes, simulate_boxes, some_known


@settings(max_examples=20, deadline=None)
@given(random_boxes())
def test_weights_sum_to_the_verdict(boxes):
    fit = infer_boxes(boxes)

    for box in range(len(fit.task)):
        told = explain_boxes(fit, boxes, box=box)
        assert told.prior + told.weight_of_answer.sum() == pytest.approx(told.log_odds, abs=1e-9)
        assert 1 / (1 + np.exp(-told.log_odds)) == pytest.approx(fit.probability[box], abs=2e-6)
        assert told.probability == pytest.approx(fit.probability[box], abs=1e-12)
        assert told.label == fit.label[box]
        assert told.is_marked.sum() == fit.n_marked[box]
        np.testing.assert_allclose(told.corners, fit.corners[box], atol=1e-12)


def test_who_marked_it_speaks_for_it_and_who_did_not_against_by_how_well_they_see():
    boxes = simulate_boxes([0.97, 0.95, 0.5, 0.5, 0.45], n_tasks=60).boxes
    fit = infer_boxes(boxes)
    by_two = np.flatnonzero((fit.n_marked == 2) & (fit.probability > 0.2))

    told = [explain_boxes(fit, boxes, box=box) for box in by_two]

    assert told
    for one in told:
        assert (one.weight_of_answer[one.is_marked] > 0).all()
        assert (one.weight_of_answer[~one.is_marked] < 0).all()
    # The sharp-eyed are workers 0 and 1, and answers are in order of workers.
    against = np.array([np.where(one.is_marked, np.nan, one.weight_of_answer) for one in told])
    if not np.isnan(against[:, :2]).all():
        assert np.nanmean(against[:, :2]) < np.nanmean(against[:, 2:])


def test_answers_that_say_the_same_in_another_order_weigh_the_same():
    boxes = simulate_boxes([0.9, 0.8, 0.6], n_tasks=10).boxes
    fit = infer_boxes(boxes)
    answers = answers_to(boxes, 4)
    turned = replace(
        answers,
        worker_of_answer=answers.worker_of_answer[::-1].copy(),
        answer_of_box=(2 - answers.answer_of_box).astype(np.int32),
    )

    one = explain_box(fit.habits, fit.shared, answers)
    other = explain_box(fit.habits, fit.shared, turned)

    np.testing.assert_allclose(other.weight_of_answer[::-1], one.weight_of_answer, atol=1e-12)


def test_where_boxes_are_known_the_answers_alone_are_explained():
    crowd = simulate_boxes([0.9, 0.9, 0.9], n_tasks=10)
    fit = infer_boxes(crowd.boxes, gold=some_known(crowd.truth, [0]))

    told = explain_boxes(fit, crowd.boxes, box=0)

    assert fit.probability[0] == 1.0
    assert told.probability < 1.0


def test_what_is_not_there_is_refused():
    boxes = simulate_boxes([0.9, 0.9], n_tasks=3).boxes
    fit = infer_boxes(boxes)

    with pytest.raises(BadAnswers) as no_box:
        explain_boxes(fit, boxes, box=len(fit.task))
    with pytest.raises(BadAnswers) as many_tasks:
        explain_box(fit.habits, fit.shared, boxes)
    with pytest.raises(BadAnswers) as few_workers:
        explain_box(fit.habits[:1], fit.shared, answers_to(boxes, 0))

    last = len(fit.task) - 1
    assert str(no_box.value) == f"Expected a box from 0 to {last}, got {last + 1}."
    assert str(many_tasks.value) == "Expected answers to one task, got 3 tasks."
    assert str(few_workers.value) == (
        "Expected habits of shape (2, 11) and 3 labels, got (1, 11) and 3; fit these answers first."
    )
