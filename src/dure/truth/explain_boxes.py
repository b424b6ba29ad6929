"""What each answer weighed in whether a merged box is real."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dure.truth._box_marks import N_REAL, log_chances, log_odds_of, log_rates
from dure.truth._box_verdicts import conclude
from dure.truth.box_records import N_HABITS, BoxHabits, check_boxes
from dure.truth.types import Boxes, Floats, Ints, MergedBoxes
from dure.truth.validate import BadAnswers

# The path is cut into pieces, each integrated by Gauss and Legendre's rule with so many points.
N_PIECES = 16
_POINTS, _POINT_WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True, slots=True, eq=False)
class BoxExplanation:
    """What speaks for a merged box being real, in natural log odds.

    `weight_of_answer[i]` is what answer i to the task weighed: above zero for real. `is_marked[i]`
    says whether it marked the box. `prior` is what spoke before any answer, and includes how
    common real things are beside false boxes. They sum to `log_odds`, of which the logistic
    function is the probability. `corners`, `label` and `probability` are the merged box's.
    """

    corners: Floats
    label: int
    probability: float
    prior: float
    weight_of_answer: Floats
    is_marked: np.ndarray
    log_odds: float


def explain_boxes(merged: MergedBoxes, boxes: Boxes, *, box: int) -> BoxExplanation:
    """Say what each answer to its task weighed in a merged box's log odds of being real.

    Assumes that `merged` is the result of a fit to `boxes`. See `docs/truth/boxes.md`.

    Parameters
    ----------
    merged : MergedBoxes
        The fit.
    boxes : Boxes
        The answers of the fit.
    box : int
        The row of the merged box.

    Returns
    -------
    BoxExplanation
        Its answers are those to the task in the order of their rows. In a task whose boxes are
        known, `box` counts the boxes that its answers alone give, the likeliest first.

    Raises
    ------
    BadAnswers
        If there is no such merged box.

    Notes
    -----
    Source: see `explain_box`.
    """
    check_boxes(boxes)
    if not 0 <= box < len(merged.task):
        raise BadAnswers(f"Expected a box from 0 to {len(merged.task) - 1}, got {box}.")
    task = int(merged.task[box])
    place = box - int(np.searchsorted(merged.task, task))
    return explain_box(merged.habits, merged.shared, answers_to(boxes, task), box=place)


def explain_box(
    habits: Floats, shared: BoxHabits, answers: Boxes, *, box: int = 0
) -> BoxExplanation:
    """Say what each answer weighed, from habits alone.

    Assumes that the answers are those to one task. If all of them spoke louder little by little,
    from silence to what they say, each would move the log odds a little at each moment: what it
    moved in sum is its weight. An answer that did not mark the box speaks as well.

    Parameters
    ----------
    habits : (n_workers, n_habits) float64
        What was learned of each worker of `answers`.
    shared : BoxHabits
        What was learned of all.
    answers : Boxes
        Answers to one task.
    box : int
        Which merged box of the task, the likeliest being 0.

    Returns
    -------
    BoxExplanation
        The weights sum to the log odds.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other, or there is no such merged box.

    Notes
    -----
    Source: R. J. Aumann and L. S. Shapley, Values of non-atomic games, 1974; the integral is that
    of M. Sundararajan, A. Taly and Q. Yan, Axiomatic attribution for deep networks, ICML 2017,
    equation 1.
    """
    check_boxes(answers)
    check_habits(habits, answers, shared)
    if answers.n_tasks != 1:
        raise BadAnswers(f"Expected answers to one task, got {answers.n_tasks} tasks.")
    verdicts = conclude(answers, None, habits, shared)
    if not 0 <= box < len(verdicts.group):
        raise BadAnswers(f"Expected a box from 0 to {len(verdicts.group) - 1}, got {box}.")
    marks = verdicts.marks
    pairs = marks.group_of_pair == verdicts.group[box]
    said = log_chances(marks, habits, shared)[0][pairs]
    base = log_rates(shared.rates)
    prior = float(log_odds_of(base, shared.sharpness))
    log_odds = float(verdicts.log_odds[box])
    weights = shared.sharpness * _moved(base, said)
    # What the rule for the integral misses, all share.
    weights += (log_odds - prior - weights.sum()) / max(1, len(weights))
    # Pairs are in order of workers, the answers in that of their rows.
    weight_of_answer, is_marked = np.empty(len(weights)), np.zeros(len(weights), bool)
    weight_of_answer[marks.order_of_answer] = weights
    is_marked[marks.order_of_answer] = marks.is_marked[pairs]
    return BoxExplanation(
        corners=verdicts.corners[box],
        label=int(verdicts.label[box]),
        probability=float(verdicts.probability[box]),
        prior=prior,
        weight_of_answer=weight_of_answer,
        is_marked=is_marked,
        log_odds=log_odds,
    )


def merge_answers(habits: Floats, shared: BoxHabits, answers: Boxes) -> tuple[Floats, Ints]:
    """Merge the boxes of one task, from habits alone.

    Parameters
    ----------
    habits : (n_workers, n_habits) float64
        What was learned of each worker of `answers`.
    shared : BoxHabits
        What was learned of all.
    answers : Boxes
        Answers to one task.

    Returns
    -------
    (n_boxes, 4) float64, (n_boxes,) int32
        Corners and label of each merged box, in the order in which `explain_box` counts them.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other.

    Notes
    -----
    Source: see `infer_boxes`.
    """
    check_boxes(answers)
    check_habits(habits, answers, shared)
    verdicts = conclude(answers, None, habits, shared)
    return verdicts.corners, verdicts.label


def answers_to(boxes: Boxes, task: int) -> Boxes:
    """Take the answers to one task, in the order of their rows.

    Parameters
    ----------
    boxes : Boxes
        Answers to many tasks.
    task : int
        The one wanted.

    Returns
    -------
    Boxes
        With this task alone, as number 0, and the same workers.
    """
    rows = np.flatnonzero(boxes.task_of_answer == task)
    place = np.full(len(boxes.task_of_answer), -1, np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    its = np.flatnonzero(place[boxes.answer_of_box] >= 0)
    return replace(
        boxes,
        task_of_answer=np.zeros(len(rows), np.int32),
        worker_of_answer=boxes.worker_of_answer[rows],
        answer_of_box=place[boxes.answer_of_box[its]],
        corners=boxes.corners[its],
        label_of_box=boxes.label_of_box[its],
        n_tasks=1,
    )


def check_habits(habits: Floats, boxes: Boxes, shared: BoxHabits) -> None:
    """Refuse habits that are not of a fit of such answers.

    Parameters
    ----------
    habits : (n_workers, n_habits) float64
        What was learned of each worker.
    boxes : Boxes
        The answers.
    shared : BoxHabits
        What was learned of all.

    Raises
    ------
    BadAnswers
        If there are more or fewer workers, habits or labels.
    """
    if habits.shape != (boxes.n_workers, N_HABITS) or shared.n_labels != boxes.n_labels:
        raise BadAnswers(
            f"Expected habits of shape ({boxes.n_workers}, {N_HABITS}) and {boxes.n_labels} "
            f"labels, got {habits.shape} and {shared.n_labels}; fit these answers first."
        )


def _moved(base: Floats, said: Floats) -> Floats:
    """Integrate what each answer adds to the log odds as all grow louder."""
    edges = np.linspace(0.0, 1.0, N_PIECES + 1)
    half = 0.5 / N_PIECES
    moments = (edges[:-1, None] + half * (1.0 + _POINTS)).ravel()
    lengths = np.tile(half * _POINT_WEIGHTS, N_PIECES)
    logs = base + moments[:, None] * said.sum(axis=0)
    weights = np.zeros(len(said))
    for kinds, sign in ((slice(None, N_REAL), 1.0), (slice(N_REAL, None), -1.0)):
        part = logs[:, kinds]
        share = np.exp(part - np.logaddexp.reduce(part, axis=1)[:, None])
        weights += sign * said[:, kinds] @ (lengths @ share)
    return weights
