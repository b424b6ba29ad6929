"""Boxes on pictures: which are real, where they lie, and who sees what is there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dure.truth._box_corners import CORRELATION, TAILS, learn_corners
from dure.truth._box_marks import (
    EASY,
    HARD,
    HARDNESS,
    RECALL_DEVIATION,
    SHARPNESS,
    Belief,
    log_areas,
    realness,
    seen_by_others,
    start,
    step,
)
from dure.truth._box_matching import Marks, match
from dure.truth._box_verdicts import Verdicts, conclude_marks
from dure.truth._converge import Fit, iterate
from dure.truth._intervals import NORMAL_95
from dure.truth.box_records import (
    BIAS,
    FALSE_ALARMS,
    LABEL_RIGHT,
    LABEL_SEEN,
    N_ANSWERS,
    N_HABITS,
    RECALL,
    RECALL_SEEN,
    SPREAD,
    BoxHabits,
    KnownBoxes,
    check_boxes,
    check_known_boxes,
)
from dure.truth.majority import count_answers
from dure.truth.one_coin import one_coin
from dure.truth.types import NO_LABEL, Answers, Boxes, Floats, Ints, MergedBoxes, Outcome, Progress
from dure.truth.validate import BadAnswers

METHOD = "merged-boxes"
VERSION = "1"

# A worker's precision is shrunk to the crowd's as if so many boxes were seen.
PRECISION_STRENGTH = 2.0
LABEL_RIGHT_USUAL = 0.9
LABEL_SEEN_USUAL = 10.0


def infer_boxes(
    boxes: Boxes,
    *,
    gold: KnownBoxes | None = None,
    change_max: float = 1e-4,
    n_iterations_max: int = 100,
    progress: Progress | None = None,
    seed: int = 0,
) -> MergedBoxes:
    """Merge the boxes of several answers, and say how sure each is real and where it lies.

    Assumes that a picture's things are easy or hard to see, that each worker finds them with a
    chance of their own, more often the larger they are, and marks false boxes at a rate of their
    own, of which others share some. An answer without a box speaks against it. See
    `docs/truth/boxes.md`.

    Parameters
    ----------
    boxes : Boxes
        At most one answer for each task and worker; an answer may have no box.
    gold : KnownBoxes, optional
        Tasks of which all real boxes are known. They tell of the workers, and come back as they
        are: theirs with probability 1, all else marked there with 0.
    change_max : float
        The mean change of a box's probability at which the fit has settled.
    n_iterations_max : int
        The largest number of rounds.
    progress : callable, optional
        Told the round and its mean change; the fit stops if it returns False.
    seed : int
        Kept in the result; nothing here is random.

    Returns
    -------
    MergedBoxes
        In order of task, the likeliest first. Each box given is part of one of them, and each
        interval contains its corner.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.

    Notes
    -----
    Source: S. Branson, G. Van Horn and P. Perona, Lean Crowdsourcing: Combining Humans and
    Machines in an Online System, CVPR 2017, section 4.2, for false and missed boxes and merging
    by workers' spread. The two kinds of things, the conditioning on what others found, and the
    corners' bias are our own, measured in `docs/truth/boxes.md`.
    """
    check_boxes(boxes)
    check_known_boxes(gold, n_tasks=boxes.n_tasks, n_labels=boxes.n_labels)
    if n_iterations_max < 1:
        raise BadAnswers(f"Expected n_iterations_max of at least 1, got {n_iterations_max}.")
    marks = match(boxes, gold)
    size = log_areas(marks)
    # Of the boxes, not the groups: false ones are groups by themselves, and often small.
    usual = float(np.median(size[marks.group_of_box])) if size.size else 0.0
    n_given = count_answers(boxes.worker_of_answer, boxes.n_workers)
    before = start(marks, boxes.n_workers)
    fit = Fit(before, Outcome.DIRECT, 0, 0.0)
    if marks.n_groups:
        fit = iterate(
            lambda belief: step(marks, belief, size - usual, n_given.astype(np.float64)),
            before,
            change_max=change_max,
            n_iterations_max=n_iterations_max,
            progress=progress,
        )
    if not n_given.any():
        fit = replace(fit, outcome=Outcome.NO_ANSWERS)
    habits, shared = _habits(boxes, marks, gold, fit.state, n_given=n_given, log_area=usual)
    verdicts = conclude_marks(marks, gold, habits, shared)
    return _merged(boxes, verdicts, habits, shared, fit=fit, n_given=n_given, seed=seed)


def _merged(
    boxes: Boxes,
    verdicts: Verdicts,
    habits: Floats,
    shared: BoxHabits,
    *,
    fit: Fit[Belief],
    n_given: Ints,
    seed: int,
) -> MergedBoxes:
    skill, skill_low, skill_high = _skills(verdicts.marks, fit.state, habits, n_given)
    return MergedBoxes(
        task=verdicts.task,
        corners=verdicts.corners,
        low=verdicts.low,
        high=verdicts.high,
        label=verdicts.label,
        probability=verdicts.probability,
        n_marked=verdicts.n_marked,
        merged_of_box=_merged_of_box(verdicts, len(boxes.answer_of_box)),
        n_answers=count_answers(boxes.task_of_answer, boxes.n_tasks),
        skill=skill,
        skill_low=skill_low,
        skill_high=skill_high,
        precision=_precision(verdicts, n_given),
        habits=habits,
        shared=shared,
        outcome=fit.outcome,
        n_iterations=fit.n_iterations,
        last_change=fit.last_change,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def _merged_of_box(verdicts: Verdicts, n_boxes: int) -> Ints:
    """Return which merged box each box given became, in the order of the input."""
    marks = verdicts.marks
    merged_of_group = np.empty(marks.n_groups, np.int32)
    merged_of_group[verdicts.group] = np.arange(marks.n_groups, dtype=np.int32)
    merged_of_box = np.empty(n_boxes, np.int32)
    given = marks.given
    merged_of_box[marks.order_of_box[given]] = merged_of_group[marks.group_of_box[given]]
    return merged_of_box


def _habits(
    boxes: Boxes,
    marks: Marks,
    gold: KnownBoxes | None,
    belief: Belief,
    *,
    n_given: Ints,
    log_area: float,
) -> tuple[Floats, BoxHabits]:
    """Return what is kept of each worker and of all."""
    real = realness(belief.kind)
    bias, spread, spread_usual = learn_corners(marks, real, boxes.n_workers)
    right, seen, right_usual = _label_skills(boxes, marks, gold)
    habits = np.empty((boxes.n_workers, N_HABITS))
    habits[:, RECALL] = belief.recall
    habits[:, RECALL_SEEN] = belief.recall_seen
    habits[:, FALSE_ALARMS] = belief.false_alarms
    habits[:, N_ANSWERS] = n_given
    habits[:, SPREAD] = spread
    habits[:, LABEL_RIGHT] = right
    habits[:, LABEL_SEEN] = seen
    habits[:, BIAS] = bias
    newcomer = np.zeros(N_HABITS)
    newcomer[RECALL] = belief.recall_usual
    newcomer[RECALL_SEEN] = RECALL_DEVIATION**-2
    newcomer[FALSE_ALARMS] = belief.false_usual
    newcomer[SPREAD] = spread_usual
    newcomer[LABEL_RIGHT] = right_usual
    newcomer[LABEL_SEEN] = LABEL_SEEN_USUAL
    shared = BoxHabits(
        n_labels=boxes.n_labels,
        rates=belief.rates,
        hardness=HARDNESS,
        size_slope=belief.slope,
        log_area=log_area,
        correlation=CORRELATION,
        tails=TAILS,
        sharpness=SHARPNESS,
        newcomer=tuple(newcomer.tolist()),
    )
    return habits, shared


def _label_skills(
    boxes: Boxes, marks: Marks, gold: KnownBoxes | None
) -> tuple[Floats, Floats, float]:
    """Return how often each worker names the right label, of how many, and the usual one does."""
    n_workers = boxes.n_workers
    if boxes.n_labels == 1 or not marks.given.any():
        nothing = np.full(n_workers, LABEL_RIGHT_USUAL), np.full(n_workers, LABEL_SEEN_USUAL)
        return *nothing, LABEL_RIGHT_USUAL
    given = marks.given
    named = Answers(
        task_of_answer=marks.group_of_box[given].astype(np.int32),
        worker_of_answer=marks.worker_of_box[given].astype(np.int32),
        label_of_answer=marks.label_of_box[given].astype(np.int32),
        n_tasks=marks.n_groups,
        n_workers=n_workers,
        n_labels=boxes.n_labels,
    )
    known_label = None
    if gold is not None:
        known_label = np.full(marks.n_groups, NO_LABEL, np.int32)
        is_known = marks.known_of_group >= 0
        known_label[is_known] = gold.label[marks.known_of_group[is_known]]
    found = one_coin(named, gold_label=known_label).habits
    if found is None:
        raise RuntimeError("One coin for each worker gives habits.")
    seen = found.concentration.sum(axis=1)
    usual = float(found.newcomer[0] / found.newcomer.sum())
    return found.concentration[:, 0] / seen, seen, usual


def _skills(
    marks: Marks, belief: Belief, habits: Floats, n_given: Ints
) -> tuple[Floats, Floats, Floats]:
    """Return each worker's chance to mark a thing of usual size, with its 90 % interval.

    Easy and hard things are mixed as they are among those that another found.
    """
    half = NORMAL_95 / np.sqrt(habits[:, RECALL_SEEN])
    counted = belief.kind[marks.group_of_pair[seen_by_others(marks)]]
    easy, hard = counted[:, EASY].sum() + 1.0, counted[:, HARD].sum()
    ends = []
    for log_odds in (habits[:, RECALL], habits[:, RECALL] - half, habits[:, RECALL] + half):
        found = easy / (1.0 + np.exp(-log_odds))
        found += hard / (1.0 + np.exp(HARDNESS - log_odds))
        ends.append(np.where(n_given > 0, found / (easy + hard), np.nan))
    return ends[0], ends[1], ends[2]


def _precision(verdicts: Verdicts, n_given: Ints) -> Floats:
    """Return what part of each worker's boxes is real, shrunk to the crowd's."""
    marks, n_workers = verdicts.marks, len(n_given)
    probability = np.empty(marks.n_groups)
    probability[verdicts.group] = verdicts.probability
    given = marks.given
    worker = marks.worker_of_box[given]
    real = probability[marks.group_of_box[given]]
    n_boxes = np.bincount(worker, minlength=n_workers)
    n_real = np.bincount(worker, weights=real, minlength=n_workers)
    usual = (real.sum() + 1.0) / (len(real) + 2.0)
    shrunk = (n_real + PRECISION_STRENGTH * usual) / (n_boxes + PRECISION_STRENGTH)
    return np.where(n_given > 0, shrunk, np.nan)
