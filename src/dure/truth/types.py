"""What goes into the engine and what comes out: arrays in frozen records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dure.truth.number_crowd import NumberCrowd, Scale

if TYPE_CHECKING:
    from dure.truth.box_records import BoxHabits
    from dure.truth.set_chances import SetHabits
    from dure.truth.text_habits import TextHabits

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]

# Told the round and its mean change; False stops the fit, all else goes on.
Progress: TypeAlias = Callable[[int, float], bool | None]

NO_LABEL = -1


class Outcome(Enum):
    """How a fit ended; the value is the sentence to show."""

    DIRECT = "Computed directly from the counts; nothing had to settle."
    SETTLED = "The fit settled: another round would have changed almost nothing."
    NOT_SETTLED = (
        "The fit was still changing when it reached its largest number of rounds; "
        "the answers may support two readings about equally well. "
        "More answers or some tasks with a known truth would help."
    )
    SPREAD_UNKNOWN = (
        "No two answers to one task differ, so how far answers usually lie from the truth "
        "cannot be told; the intervals are unbounded. Ask several people for each task."
    )
    STOPPED = (
        "The fit was stopped before it settled; the result is as far as it had come. "
        "Run it to the end for better ones."
    )
    NOTHING_CHECKED = (
        "No answered task has a known truth, so nothing was measured. "
        "Add gold tasks, or have an expert rule on some."
    )
    NO_ANSWERS = "There were no answers, so nothing was concluded. Collect some first."


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers that name one of a few labels; row i is one answer."""

    task_of_answer: Ints
    worker_of_answer: Ints
    label_of_answer: Ints
    n_tasks: int
    n_workers: int
    n_labels: int


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Answers that are numbers; row i is one answer."""

    task_of_answer: Ints
    worker_of_answer: Ints
    value_of_answer: Floats
    n_tasks: int
    n_workers: int


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How to fit choices.

    `correlation`, from 0 to 1, is how much answers to one task fail together, learned from them
    if None; `vote_weight`, from 0 to 1, is the part of the smoothed vote share in the result. The
    fit has settled when the mean change of the probabilities is at most `change_max`, and ends
    after `n_iterations_max` rounds, or when `progress` returns False.
    """

    correlation: float | None = None
    vote_weight: float = 0.1
    change_max: float = 2e-3
    n_iterations_max: int = 100
    progress: Progress | None = None


USUAL_FIT = FitOptions()


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """What a fit learned of how workers answer, and how it turns answers into probabilities.

    `concentration` holds the parameters of a Dirichlet distribution for each worker and state,
    in answers: (n_workers, n_labels, n_states), where state s is the label s % n_labels of an easy
    task, or of a hard one from n_labels on. With one coin for each worker it is (n_workers, 2),
    right and wrong. `newcomer` is the same for a worker without answers. `prevalence` is how often
    each state is true, `correlation` and `sharpness` temper the log odds, and `vote_weight` of
    the result is the vote share with `vote_smoothing` answers added to each label.
    """

    concentration: Floats
    newcomer: Floats
    prevalence: Floats
    n_labels: int
    correlation: float
    sharpness: float
    vote_weight: float
    vote_smoothing: float


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What the answers say of each task's label, and how sure they are.

    Each row of `probability` sums to 1. `label` is NO_LABEL (-1) for a task without answers.
    `skill` is the chance that a worker's answer is right, `skill_low` to `skill_high` its 90 %
    interval; nan for a worker without answers. `habits` is None where a method learns none.
    """

    probability: Floats
    label: Ints
    n_answers: Ints
    skill: Floats
    skill_low: Floats
    skill_high: Floats
    habits: Habits | None
    outcome: Outcome
    n_iterations: int
    last_change: float
    method: str
    version: str
    seed: int

    @property
    def runner_up(self) -> Ints:
        """The second likeliest label of each task.

        Returns
        -------
        (n_tasks,) int32
            -1 where there is none.
        """
        if self.probability.shape[1] < 2:
            return np.full(len(self.label), NO_LABEL, np.int32)
        others = self.probability.copy()
        known = np.flatnonzero(self.label != NO_LABEL)
        others[known, self.label[known]] = -1.0
        second = others.argmax(axis=1).astype(np.int32)
        return np.where(self.label == NO_LABEL, np.int32(NO_LABEL), second)


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """What the answers say of each task's number, with a 90 % interval.

    `estimate`, `low` and `high` are nan for a task without answers; `low` is -inf and `high`
    inf where the spread is unknown. `skill` is 1 / (1 + the worker's squared error in units of
    the crowd's), so .5 is the crowd's own, with its 90 % interval; nan for a worker without
    answers. `scale` says whether answers err by amounts (plain) or by factors (log). `pivot` is
    each task's estimate moved from predictions to beyond the answers, nan where there are none;
    None without any; `estimate` is that where `crowd.pivot` is 1. `habits` are each worker's bias
    and spread, (n_workers, 2): with `crowd`, they conclude a task from its answers.
    """

    estimate: Floats
    low: Floats
    high: Floats
    n_answers: Ints
    skill: Floats
    skill_low: Floats
    skill_high: Floats
    scale: Scale
    pivot: Floats | None
    habits: Floats
    crowd: NumberCrowd
    outcome: Outcome
    n_iterations: int
    last_change: float
    method: str
    version: str
    seed: int


LEFT, RIGHT, SAME = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """Answers that say which of two items is more; row i is one answer.

    `side_of_answer` is LEFT, RIGHT or SAME. One worker may compare the same two more than once.
    """

    left_of_answer: Ints
    right_of_answer: Ints
    worker_of_answer: Ints
    side_of_answer: Ints
    n_items: int
    n_workers: int


@dataclass(frozen=True, slots=True, eq=False)
class Rankings:
    """Answers that put items in order, the first one first; full or of some of the items.

    Answer i ranks `item_of_place[starts[i]:starts[i + 1]]`, each item at most once.
    """

    worker_of_answer: Ints
    starts: NDArray[np.int64]
    item_of_place: Ints
    n_items: int
    n_workers: int


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """What comparisons or rankings say of the items' order, with 90 % intervals.

    `score` is a log strength, with mean 0 in each connected component: of two items of equal
    component, the first is preferred with log odds of their difference. `rank` is 1 for the first
    of all, and `rank_low` to `rank_high` where it may lie. `component` numbers the items that
    were compared with each other, if only through others, from the largest on: 0, 1, ...; scores
    of different components can't be compared, and their ranks interval is as wide as that leaves
    it. An item never compared has a component of its own and an unbounded interval. `skill` is
    the chance that a worker's comparison of two typical items is as the scores have it, with its
    90 % interval; nan for a worker without answers.
    """

    score: Floats
    low: Floats
    high: Floats
    rank: Ints
    rank_low: Ints
    rank_high: Ints
    n_comparisons: Ints
    component: Ints
    skill: Floats
    skill_low: Floats
    skill_high: Floats
    outcome: Outcome
    n_iterations: int
    last_change: float
    method: str
    version: str
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """Answers that name any number of labels; row i is one answer, `chosen[i, k]` if label k is."""

    task_of_answer: Ints
    worker_of_answer: Ints
    chosen: NDArray[np.bool_]
    n_tasks: int
    n_workers: int
    n_labels: int


@dataclass(frozen=True, slots=True, eq=False)
class SetPosterior:
    """What the answers say of each task's set of labels, and how sure they are.

    `probability` is each label's chance to belong, (n_tasks, n_labels); `chosen` the likeliest
    set as a whole and `sureness` its probability. nan and False for a task without answers.
    `skill` is the chance that a worker's word on one label is right, with its 90 % interval.
    `habits` is what was learned of each worker, (n_workers, 4 * n_labels): the parameters of Beta
    distributions as [chosen or not, belongs or not, label]; `shared` what holds for all.
    """

    probability: Floats
    chosen: NDArray[np.bool_]
    sureness: Floats
    n_answers: Ints
    skill: Floats
    skill_low: Floats
    skill_high: Floats
    habits: Floats
    shared: SetHabits
    outcome: Outcome
    n_iterations: int
    last_change: float
    method: str
    version: str
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Answers in words; row i is one answer."""

    task_of_answer: Ints
    worker_of_answer: Ints
    text_of_answer: tuple[str, ...]
    n_tasks: int
    n_workers: int


@dataclass(frozen=True, slots=True, eq=False)
class TextPosterior:
    """What the answers say of each task's text: clusters of spellings, and how sure they are.

    `cluster_of_answer` numbers clusters over all tasks, and `spelling`, `task`, `share` and
    `probability` are theirs: the best spelling, the task, the part of the task's answers and the
    chance to be right; the rest of a task's probability is that none is. `best` is each task's
    likeliest cluster, -1 without answers or a known text. `skill` is the chance that a worker's
    text is right, with its 90 % interval; nan for a worker without answers.
    """

    cluster_of_answer: Ints
    spelling_of_cluster: tuple[str, ...]
    task_of_cluster: Ints
    share_of_cluster: Floats
    probability_of_cluster: Floats
    best: Ints
    n_answers: Ints
    skill: Floats
    skill_low: Floats
    skill_high: Floats
    habits: TextHabits
    outcome: Outcome
    n_iterations: int
    last_change: float
    method: str
    version: str
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Answers that mark boxes on a picture; an answer may have none.

    Answer i is of a task and a worker; box j belongs to `answer_of_box[j]`, and `corners[j]` is
    its (x0, y0, x1, y1) in fractions of the picture, `label_of_box[j]` its label (0 where the
    question has none).
    """

    task_of_answer: Ints
    worker_of_answer: Ints
    answer_of_box: Ints
    corners: Floats
    label_of_box: Ints
    n_tasks: int
    n_workers: int
    n_labels: int


@dataclass(frozen=True, slots=True, eq=False)
class MergedBoxes:
    """The boxes that the answers conclude, task by task, with how sure each is real.

    Row j is one merged box: its task, `corners` (n_boxes, 4) and their 90 % intervals `low` and
    `high`, the label, the `probability` that it is real, and `n_marked`, how many answers marked
    it. `merged_of_box` says for each box given which one it became. `skill` is the chance that a
    worker marks what is real, `precision` that what they mark is; nan without answers. `habits`
    (n_workers, n_habits) and `shared` are what was learned of each worker and of all.
    """

    task: Ints
    corners: Floats
    low: Floats
    high: Floats
    label: Ints
    probability: Floats
    n_marked: Ints
    merged_of_box: Ints
    n_answers: Ints
    skill: Floats
    skill_low: Floats
    skill_high: Floats
    precision: Floats
    habits: Floats
    shared: BoxHabits
    outcome: Outcome
    n_iterations: int
    last_change: float
    method: str
    version: str
    seed: int
