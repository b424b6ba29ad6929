"""Sets of labels: what each worker finds and invents, and which labels go together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dure.truth._converge import Fit, iterate
from dure.truth._set_classes import (
    Classes,
    learn_classes,
    one_class,
    settle_classes,
    shares_of,
)
from dure.truth._set_kernels import (
    count_sets,
    count_votes,
    doubt_sets,
    fail_together_sets,
    hear,
)
from dure.truth._set_rows import SetRows, check_sets, group_sets
from dure.truth.calibrate import SHARPNESS_GRID, SHARPNESS_SPREAD
from dure.truth.set_chances import (
    EVIDENCE_MAX,
    SetHabits,
    label_chances,
    tell_sets,
    temper,
    vote_shares,
    word_weights,
)
from dure.truth.set_habits import SPREAD_SQUARED, SetStrengths, learn_choosers, set_skills
from dure.truth.types import Floats, Outcome, Progress, SetPosterior, Sets

METHOD = "label-kinds"
VERSION = "1"

# Answers to one task are taken to fail together so much, and so many times as much more as their
# errors are seen to; see docs/truth/multi_label.md.
CORRELATION_LEAST = 0.4
CORRELATION_SLOPE = 6.0
# The fit has settled when a label's chance changes by so little on average.
CHANGE_MAX = 1e-3
N_ITERATIONS_MAX = 100
# Of the result so much is the vote, with so many answers that choose a label as often as all do.
VOTE_WEIGHT = 0.1
VOTE_SMOOTHING = 1.0
START_SMOOTHING = 0.5
# So many known tasks tell the sharpness to within a few hundredths.
N_GOLD_MAX = 1_000
PROBABILITY_MIN = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    counts: Floats
    strengths: SetStrengths
    probability: Floats


def infer_sets(
    sets: Sets,
    *,
    gold_set: NDArray[np.int8] | None = None,
    least: int = 0,
    most: int | None = None,
    progress: Progress | None = None,
    seed: int = 0,
) -> SetPosterior:
    """Say which labels belong to each task, and how surely.

    Assumes that a worker finds labels that belong, and invents others, about as often as the
    crowd does on that label, more or less by a lean of the worker's own; and that tasks are of a
    few kinds, within which labels are independent. How many kinds there are the answers tell;
    one, where labels do not go together. See `docs/truth/multi_label.md`.

    Parameters
    ----------
    sets : Sets
        At most one answer for each task and worker; an answer without a label is one.
    gold_set : (n_tasks, n_labels) int8, optional
        Known sets, 1 and 0, whole rows of -1 where unknown; they are held fixed, so they inform
        what is learned, and come back as certain.
    least, most : int
        How many labels a set has; `most` is all of them if not given.
    progress : callable, optional
        Told the round and its mean change; False stops the fit.
    seed : int
        Kept in the result; nothing here is random.

    Returns
    -------
    SetPosterior
        Each label's chance, the likeliest sets, the workers' skill and how the fit ended.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other, or a size is out of its range.

    Notes
    -----
    Source: A. P. Dawid and A. M. Skene, Applied Statistics 28(1), 1979, for each label; latent
    classes, P. F. Lazarsfeld and N. W. Henry, Latent structure analysis, 1968, for labels that go
    together. The shrinking and tempering are our own.
    """
    most = sets.n_labels if most is None else most
    check_sets(sets, gold_set, least=least, most=most)
    rows = group_sets(sets, gold_set)
    fit, classes = _fit(rows, progress)
    believed, newcomer, _ = learn_choosers(fit.state.counts, fit.state.strengths)
    shared = SetHabits(
        class_weight=classes.weight,
        class_chance=classes.chance,
        newcomer=newcomer.ravel(),
        popularity=_popularity(rows),
        correlation=_correlation(rows, believed, fit.state.probability),
        sharpness=1.0,
        vote_weight=VOTE_WEIGHT,
        vote_smoothing=VOTE_SMOOTHING,
        least=least,
        most=most,
    )
    shared = replace(shared, sharpness=_sharpness(rows, believed, fit.state.probability, shared))
    evidence = _evidence(rows, believed, shared)
    probability, chosen, sureness = tell_sets(evidence, _shares(rows, shared), shared)
    n_answers = np.diff(rows.starts).astype(np.int32)
    unknown = (n_answers == 0) & ~rows.is_known
    _hold(probability, rows)
    probability[unknown], sureness[unknown] = np.nan, np.nan
    chosen[unknown] = False
    chosen[rows.is_known] = rows.gold[rows.is_known] > 0
    sureness[rows.is_known] = 1.0
    skill, low, high = _skills(rows, believed, fit.state.probability, probability)
    return SetPosterior(
        probability=probability,
        chosen=chosen,
        sureness=sureness,
        n_answers=n_answers,
        skill=skill,
        skill_low=low,
        skill_high=high,
        habits=believed.reshape(len(believed), 4 * sets.n_labels),
        shared=shared,
        outcome=fit.outcome if len(rows.worker_of_answer) else Outcome.NO_ANSWERS,
        n_iterations=fit.n_iterations,
        last_change=fit.last_change,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def _fit(rows: SetRows, progress: Progress | None) -> tuple[Fit[_Round], Classes]:
    """Fit with independent labels; then divide tasks into kinds, and fit the workers anew."""
    told = rows.is_told
    start = _start(rows)
    first = iterate(
        lambda state: _step(rows, state),
        start,
        change_max=CHANGE_MAX,
        n_iterations_max=N_ITERATIONS_MAX,
        progress=progress,
    )
    alone = one_class(_of_told(first.state.probability, told))
    if first.outcome is Outcome.STOPPED or not told.any():
        return first, alone
    evidence, correlation = _tempered(rows, first.state)
    classes = learn_classes(evidence[told], alone)
    if len(classes.weight) == 1:
        return first, alone
    second = iterate(
        lambda state: _step(rows, state, classes, correlation),
        first.state,
        change_max=CHANGE_MAX,
        n_iterations_max=N_ITERATIONS_MAX,
        progress=progress and (lambda n, change: progress(first.n_iterations + n, change)),
    )
    classes = settle_classes(_tempered(rows, second.state)[0][told], classes)
    n_rounds = first.n_iterations + second.n_iterations
    return Fit(second.state, second.outcome, n_rounds, second.last_change), classes


def _start(rows: SetRows) -> _Round:
    n_answers = np.diff(rows.starts)[:, None]
    probability = (_votes(rows) + START_SMOOTHING) / (n_answers + 2.0 * START_SMOOTHING)
    _hold(probability, rows)
    n_answered = max(1, int(np.count_nonzero(np.diff(rows.starts))))
    strengths = SetStrengths(
        n_each=max(1.0, len(rows.worker_of_answer) / n_answered),
        lean=np.zeros((rows.n_workers, 2)),
        spread_squared=np.full(2, SPREAD_SQUARED),
    )
    return _Round(_count(rows, probability), strengths, probability)


def _step(
    rows: SetRows, state: _Round, classes: Classes | None = None, correlation: float = 0.0
) -> tuple[_Round, float]:
    """Learn from the counts, believe each label anew, and count; with the mean change."""
    believed, _, strengths = learn_choosers(state.counts, state.strengths)
    said, loud, most = _heard(rows, believed)
    if classes is None:
        prior = _prior_of(one_class(_of_told(state.probability, rows.is_told)))
        probability = _belongs(prior + said)
    else:
        # Answers that fail together would pass for a kind of their own: kinds are told tempered.
        shared = _plain(classes, correlation)
        share = shares_of(said * temper(said, loud, most, shared), classes)
        probability = np.zeros_like(said)
        for kind, prior in enumerate(_prior_of(classes)):
            probability += share[:, [kind]] * _belongs(prior + said)
    _hold(probability, rows)
    told = rows.is_told
    change = float(np.abs(probability - state.probability)[told].mean()) if told.any() else 0.0
    return _Round(_count(rows, probability), strengths, probability), change


def _prior_of(classes: Classes) -> Floats:
    """Return the log odds of each label in each kind."""
    return np.log(classes.chance) - np.log1p(-classes.chance)


def _belongs(odds: Floats) -> Floats:
    chance: Floats = 1.0 / (1.0 + np.exp(-np.clip(odds, -500.0, 500.0)))
    return chance


def _plain(classes: Classes, correlation: float) -> SetHabits:
    n_labels = classes.chance.shape[1]
    nothing = np.empty(0)
    return SetHabits(
        classes.weight, classes.chance, nothing, nothing, correlation, 1.0, 0.0, 1.0, 0, n_labels
    )


def _tempered(rows: SetRows, state: _Round) -> tuple[Floats, float]:
    """Return what answers, or what is known, say of each label; and how they fail together."""
    believed, _, _ = learn_choosers(state.counts, state.strengths)
    correlation = _correlation(rows, believed, state.probability)
    alone = one_class(_of_told(state.probability, rows.is_told))
    evidence = _evidence(rows, believed, _plain(alone, correlation))
    known = rows.gold[rows.is_known] > 0
    evidence[rows.is_known] = np.where(known, EVIDENCE_MAX, -EVIDENCE_MAX)
    return evidence, correlation


def _evidence(rows: SetRows, believed: Floats, shared: SetHabits) -> Floats:
    said, loud, most = _heard(rows, believed)
    said *= temper(said, loud, most, shared)
    return said


def _heard(rows: SetRows, believed: Floats) -> tuple[Floats, Floats, Floats]:
    weights = word_weights(believed, n_labels=rows.n_labels)
    said, loud, most = (np.zeros((rows.n_tasks, rows.n_labels)) for _ in range(3))
    hear(rows.starts, rows.worker_of_answer, rows.chosen, weights, said, loud, most)
    return said, loud, most


def _count(rows: SetRows, probability: Floats) -> Floats:
    counts = np.zeros((rows.n_workers, 2, 2, rows.n_labels))
    count_sets(
        rows.starts,
        rows.worker_of_answer,
        rows.chosen,
        probability,
        rows.is_known.view(np.uint8),
        counts,
    )
    return counts


def _hold(probability: Floats, rows: SetRows) -> None:
    probability[rows.is_known] = rows.gold[rows.is_known]


def _votes(rows: SetRows) -> Floats:
    votes = np.zeros((rows.n_tasks, rows.n_labels))
    count_votes(rows.starts, rows.chosen, votes)
    return votes


def _popularity(rows: SetRows) -> Floats:
    """Return how often each label is chosen, kept from 0 and 1 by one answer."""
    chosen = rows.chosen.sum(axis=0, dtype=np.int64)
    popularity: Floats = (chosen + 0.5) / (len(rows.chosen) + 1.0)
    return popularity


def _shares(rows: SetRows, shared: SetHabits) -> Floats:
    return vote_shares(_votes(rows), np.diff(rows.starts).astype(np.float64), shared)


def _of_told(probability: Floats, told: NDArray[np.bool_]) -> Floats:
    return probability[told] if told.any() else probability[:0]


def _correlation(rows: SetRows, believed: Floats, probability: Floats) -> float:
    total = believed.sum(axis=1)
    usually_right = np.stack([believed[:, 0, 0], believed[:, 1, 1]], axis=1) / total
    together, n_pairs = fail_together_sets(
        rows.starts, rows.worker_of_answer, rows.chosen, probability, usually_right,
        rows.is_known.view(np.uint8),
    )  # fmt: skip
    seen = max(0.0, together / n_pairs) if n_pairs else 0.0
    return float(min(CORRELATION_LEAST + CORRELATION_SLOPE * seen, 1.0))


def _sharpness(rows: SetRows, believed: Floats, probability: Floats, shared: SetHabits) -> float:
    """Tell from known sets how much surer or less sure the verdicts should be.

    Each is concluded as if it were not known and its own answers had told nothing of those who
    gave them. Source: see `dure.truth.calibrate.learn_sharpness`.
    """
    known = np.flatnonzero(rows.is_known & (np.diff(rows.starts) > 0))
    if not known.size:
        return 1.0
    known = known[:: 1 + (len(known) - 1) // N_GOLD_MAX]
    said, loud, most = (np.zeros((len(known), rows.n_labels)) for _ in range(3))
    for place, task in enumerate(known):
        own = slice(rows.starts[task], rows.starts[task + 1])
        chosen = rows.chosen[own].astype(np.intp)
        without = believed[rows.worker_of_answer[own]]
        row, label = np.arange(len(chosen))[:, None], np.arange(rows.n_labels)
        without[row, chosen, 1, label] -= probability[task]
        without[row, chosen, 0, label] -= 1.0 - probability[task]
        # What was counted can be taken away; rounding must not leave less than nothing.
        kept = np.maximum(without, 1e-9).reshape(len(chosen), -1)
        words = word_weights(kept, n_labels=rows.n_labels)[row, chosen, label]
        said[place], loud[place] = words.sum(axis=0), np.abs(words).sum(axis=0)
        most[place] = np.abs(words).max(axis=0)
    belongs = rows.gold[known] > 0
    shares = _shares(rows, shared)[known]
    belief = -0.5 * (np.log(SHARPNESS_GRID) / SHARPNESS_SPREAD) ** 2
    for place, sharpness in enumerate(SHARPNESS_GRID):
        tried = replace(shared, sharpness=float(sharpness))
        chance = label_chances(said * temper(said, loud, most, tried), shares, tried)
        of_truth = np.where(belongs, chance, 1.0 - chance)
        belief[place] += np.log(np.maximum(of_truth, PROBABILITY_MIN)).sum()
    return float(SHARPNESS_GRID[belief.argmax()])


def _skills(
    rows: SetRows, believed: Floats, fitted: Floats, probability: Floats
) -> tuple[Floats, Floats, Floats]:
    n_given = np.bincount(rows.worker_of_answer, minlength=rows.n_workers).astype(np.float64)
    doubt = np.zeros(rows.n_workers)
    doubt_sets(rows.starts, rows.worker_of_answer, probability, doubt)
    prevalence = one_class(_of_told(fitted, rows.is_told)).chance[0]
    return set_skills(believed, prevalence=prevalence, n_given=n_given, doubt=doubt)
