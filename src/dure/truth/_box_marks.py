"""Who marks real things and who marks what is none, and so which boxes are real."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dure.truth._box_matching import AREA_MIN, Flags, Marks, areas
from dure.truth.box_records import FALSE_ALARMS, RECALL, BoxHabits
from dure.truth.types import Floats

# How much lower the log odds are of marking a thing that is hard to see.
HARDNESS = 2.0
# A worker's log odds of marking are normal around the crowd's with this deviation; the crowd's are
# around these, as if so many workers had been seen.
RECALL_DEVIATION = 1.0
RECALL_USUAL = 1.8
RECALL_STRENGTH = 2.0
RECALL_STEP_MAX = 1.0
RECALL_MAX = 6.0
# A worker's false boxes per answer are shrunk to the crowd's as if so many answers were seen.
FALSE_STRENGTH = 5.0
FALSE_USUAL = 0.2
FALSE_MIN = 1e-3
# A thing stands for at most so many that nobody marked, less one.
SEEN_MIN = 0.2
# How many of each kind a picture has, easy and hard things and lures, as if seen in so many.
RATES_USUAL = (1.0, 0.3, 0.3)
RATES_STRENGTH = 5.0
# How often one worker's false box happens to lie where another's does, for one box an answer each.
COINCIDENCE = 0.02
# How often a usual worker marks a lure or a trap; those with more false boxes fall for more of
# them, by the root of how many more. So many traps come on a lure.
LURED, TRAPPED = 0.35, 0.65
LURED_MIN, LURED_MAX = 0.02, 0.9
TRAPS_PER_LURE = 0.15
# The slope of recall over log area is shrunk to none as if normal with this deviation.
SLOPE_DEVIATION = 0.5
# Beyond, small false boxes of one worker would pass for real ones that all others overlook.
SLOPE_MAX = 0.5
# Log odds are overstated as far as answers fail together; chosen on simulated pictures.
SHARPNESS = 0.75

# Real things that are easy or hard to see; false boxes that one worker draws from nowhere, and what
# several take for a thing, some or most of them.
EASY, HARD, LONE, LURE, TRAP = range(5)
N_KINDS, N_REAL = 5, 2


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """What is believed while fitting: of each worker, of all, and of each group's kind."""

    recall: Floats
    recall_seen: Floats
    recall_usual: float
    false_alarms: Floats
    false_usual: float
    rates: tuple[float, float, float]
    slope: float
    kind: Floats


def start(marks: Marks, n_workers: int) -> Belief:
    """Return what is believed before any answer is heard."""
    return Belief(
        recall=np.full(n_workers, RECALL_USUAL),
        recall_seen=np.full(n_workers, RECALL_DEVIATION**-2),
        recall_usual=RECALL_USUAL,
        false_alarms=np.full(n_workers, FALSE_USUAL),
        false_usual=FALSE_USUAL,
        rates=RATES_USUAL,
        slope=0.0,
        kind=np.full((marks.n_groups, N_KINDS), 1.0 / N_KINDS),
    )


def log_areas(marks: Marks) -> Floats:
    """Return each group's log area: its boxes' mean, or a known box's own."""
    logs = np.log(np.maximum(areas(marks.corners), AREA_MIN))
    alone = marks.given & (marks.known_of_group[marks.group_of_box] >= 0)
    counts = np.where(alone, 0.0, 1.0)
    total = np.bincount(marks.group_of_box, weights=counts, minlength=marks.n_groups)
    summed = np.bincount(marks.group_of_box, weights=counts * logs, minlength=marks.n_groups)
    mean: Floats = summed / total
    return mean


def says(
    marks: Marks, *, recall: Floats, false_alarms: Floats, false_usual: float, size: Floats
) -> Floats:
    """Return what each pair of a group and an answer adds to the log chance of each kind.

    `recall` and `false_alarms` are the workers', `size` what each group's size adds to the log
    odds of being marked.
    """
    log_odds = recall[marks.worker_of_pair] + size[marks.group_of_pair]
    sign = np.where(marks.is_marked, -1.0, 1.0)
    found = np.empty((len(sign), N_KINDS))
    found[:, EASY] = -np.logaddexp(0.0, sign * log_odds)
    found[:, HARD] = -np.logaddexp(0.0, sign * (log_odds - HARDNESS))
    gullible = np.sqrt(false_alarms / false_usual)
    coincides = np.minimum(COINCIDENCE * false_alarms, LURED_MAX)
    for kind, chance in (
        (LONE, coincides),
        (LURE, np.clip(LURED * gullible, LURED_MIN, LURED_MAX)),
        (TRAP, np.clip(TRAPPED * gullible, LURED_MIN, LURED_MAX)),
    ):
        marked, unmarked = np.log(chance), np.log1p(-chance)
        found[:, kind] = np.where(
            marks.is_marked, marked[marks.worker_of_pair], unmarked[marks.worker_of_pair]
        )
    return found


def log_rates(rates: tuple[float, float, float]) -> Floats:
    """Return the log of how many of each kind a picture has.

    Of the lone false boxes it is those that might be: each is marked by a coincidence.
    """
    easy, hard, lures = rates
    logs: Floats = np.log(np.array([easy, hard, 1.0 / COINCIDENCE, lures, lures * TRAPS_PER_LURE]))
    return logs


def by_group(marks: Marks, said: Floats) -> Floats:
    """Sum what pairs say by group."""
    return np.stack(
        [
            np.bincount(marks.group_of_pair, weights=column, minlength=marks.n_groups)
            for column in said.T
        ],
        axis=1,
    )


def log_chances(marks: Marks, habits: Floats, shared: BoxHabits) -> tuple[Floats, Floats]:
    """Return what each pair says, and each group's log chance of each kind."""
    said = says(
        marks,
        recall=habits[:, RECALL],
        false_alarms=habits[:, FALSE_ALARMS],
        false_usual=shared.newcomer[FALSE_ALARMS],
        size=shared.size_slope * (log_areas(marks) - shared.log_area),
    )
    return said, log_rates(shared.rates) + by_group(marks, said)


def log_odds_of(logs: Floats, sharpness: float) -> Floats:
    """Return the tempered log odds of being real."""
    real = np.logaddexp.reduce(logs[..., :N_REAL], axis=-1)
    odds: Floats = sharpness * (real - np.logaddexp.reduce(logs[..., N_REAL:], axis=-1))
    return odds


def step(marks: Marks, belief: Belief, size: Floats, n_answers: Floats) -> tuple[Belief, float]:
    """Return the belief after one round, and how far chances to be real moved on average.

    `size` is each group's log area above the usual; `n_answers` counts each worker's.
    """
    said = says(
        marks,
        recall=belief.recall,
        false_alarms=belief.false_alarms,
        false_usual=belief.false_usual,
        size=belief.slope * size,
    )
    kind = kinds(marks, log_rates(belief.rates) + by_group(marks, said))
    moved = float(np.abs(realness(kind) - realness(belief.kind)).mean())
    after = replace(belief, kind=kind)
    after = _learn_recall(marks, after, size)
    after = _learn_false(marks, after, n_answers)
    return replace(after, rates=_rates(marks, kind, said)), moved


def realness(kind: Floats) -> Floats:
    """Return each group's chance to be real."""
    real: Floats = kind[:, :N_REAL].sum(axis=1)
    return real


def kinds(marks: Marks, logs: Floats) -> Floats:
    """Return each group's chance to be of each kind, heeding what is known."""
    is_real = marks.known_of_group >= 0
    logs = logs.copy()
    logs[is_real, N_REAL:] = -np.inf
    logs[marks.is_settled & ~is_real, :N_REAL] = -np.inf
    kind = np.exp(logs - logs.max(axis=1, keepdims=True))
    normalised: Floats = kind / kind.sum(axis=1, keepdims=True)
    return normalised


def seen_by_others(marks: Marks) -> Flags:
    """Say which pairs tell of their worker's recall: where another had to find it first.

    A thing that only the worker found would not be there had they missed it: counting it would
    flatter them. Known things are there without anybody's mark.
    """
    others = marks.n_marked[marks.group_of_pair] - marks.is_marked
    known = marks.known_of_group[marks.group_of_pair] >= 0
    seen: Flags = (others > 0) | known
    return seen


def _learn_recall(marks: Marks, belief: Belief, size: Floats) -> Belief:
    """Take one Newton step for each worker's recall and the slope over size."""
    tells = seen_by_others(marks)
    worker, group = marks.worker_of_pair[tells], marks.group_of_pair[tells]
    log_odds = belief.recall[worker] + belief.slope * size[group]
    pull, bend = recall_moves(log_odds, belief.kind[group], is_marked=marks.is_marked[tells])
    n_workers = len(belief.recall)
    precision = 1.0 / RECALL_DEVIATION**2
    seen = np.full(n_workers, precision)
    seen += np.bincount(worker, weights=bend, minlength=n_workers)
    slope_pull = (pull * size[group]).sum() - belief.slope / SLOPE_DEVIATION**2
    slope_bend = (bend * size[group] ** 2).sum() + SLOPE_DEVIATION**-2
    pulled = np.bincount(worker, weights=pull, minlength=n_workers) - precision * (
        belief.recall - belief.recall_usual
    )
    moved = np.clip(pulled / seen, -RECALL_STEP_MAX, RECALL_STEP_MAX)
    recall = np.clip(belief.recall + moved, -RECALL_MAX, RECALL_MAX)
    # Workers of whom little was seen tell little of the crowd.
    weight = 1.0 - precision / seen
    usual = (weight * recall).sum() + RECALL_STRENGTH * RECALL_USUAL
    return replace(
        belief,
        recall=recall,
        recall_seen=seen,
        recall_usual=float(usual / (weight.sum() + RECALL_STRENGTH)),
        slope=float(np.clip(belief.slope + slope_pull / slope_bend, 0.0, SLOPE_MAX)),
    )


def recall_moves(log_odds: Floats, kind: Floats, *, is_marked: Flags) -> tuple[Floats, Floats]:
    """Return how each pair pulls at its worker's log odds of marking a thing, and how firmly."""
    pull, bend = np.zeros(len(log_odds)), np.zeros(len(log_odds))
    for one, lowered in ((EASY, 0.0), (HARD, HARDNESS)):
        chance = 1.0 / (1.0 + np.exp(lowered - log_odds))
        pull += kind[:, one] * (is_marked - chance)
        bend += kind[:, one] * chance * (1.0 - chance)
    return pull, bend


def _learn_false(marks: Marks, belief: Belief, n_answers: Floats) -> Belief:
    given = marks.given
    false = 1.0 - realness(belief.kind)[marks.group_of_box[given]]
    n_false = np.bincount(marks.worker_of_box[given], weights=false, minlength=len(belief.recall))
    usual = (n_false.sum() + FALSE_USUAL * FALSE_STRENGTH) / (n_answers.sum() + FALSE_STRENGTH)
    rate = (n_false + usual * FALSE_STRENGTH) / (n_answers + FALSE_STRENGTH)
    return replace(
        belief, false_alarms=np.maximum(rate, FALSE_MIN), false_usual=max(float(usual), FALSE_MIN)
    )


def _rates(marks: Marks, kind: Floats, said: Floats) -> tuple[float, float, float]:
    """Return how many of each kind a picture has, those that nobody marked included."""
    pictures = float((np.diff(marks.starts) > 0).sum())
    unmarked = np.where(marks.is_marked[:, None], _unsaid(said), said)
    seen = 1.0 - np.exp(by_group(marks, unmarked))
    seen[marks.known_of_group >= 0] = 1.0
    n_each = (kind / np.maximum(seen, SEEN_MIN)).sum(axis=0)
    counts = (n_each[EASY], n_each[HARD], (n_each[LURE] + n_each[TRAP]) / (1.0 + TRAPS_PER_LURE))
    easy, hard, lures = (
        float((count + usual * RATES_STRENGTH) / (pictures + RATES_STRENGTH))
        for count, usual in zip(counts, RATES_USUAL, strict=True)
    )
    return easy, hard, lures


def _unsaid(said: Floats) -> Floats:
    """Return the log chance of not marking where `said` is that of marking."""
    unsaid: Floats = np.log(np.maximum(-np.expm1(said), 1e-12))
    return unsaid
