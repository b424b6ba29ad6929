"""One hierarchical model of choices; its members differ in what workers and tasks share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Integral, Real

import numpy as np

from dure.truth._converge import Fit, iterate
from dure.truth._kernels import add_doubt, believe, conclude, count, start_from_votes
from dure.truth._rows import Rows, group_by_task, over_tasks
from dure.truth.calibrate import CORRELATION_OF_VOTES, learn_correlation, learn_sharpness
from dure.truth.chances import log_chances
from dure.truth.habits import (
    Strengths,
    count_hits,
    learn_coins,
    learn_matrices,
    learn_prevalence,
    share_coin,
    skill_interval,
)
from dure.truth.majority import best_label
from dure.truth.types import Answers, FitOptions, Floats, Habits, Ints, Outcome, Posterior
from dure.truth.validate import BadAnswers, check_answers, check_gold_labels

VOTE_SMOOTHING = 0.5
NO_COUNTS, NO_HITS = np.empty((0, 0, 0)), np.empty((0, 2))
# Half a gigabyte for the matrices of all workers, and about as much for their logarithms.
N_CELLS_MAX = 2**26
# Matrices with more cells than this for each answer hold little but what is believed beforehand,
# and take long; as many as that are no trouble whatever the answers.
N_CELLS_OF_ANSWER_MAX = 100
N_CELLS_ALWAYS = 2**20


@dataclass(frozen=True, slots=True)
class Member:
    """What workers and tasks share: `n_levels` is 2 where a task may be easy or hard."""

    method: str
    version: str
    learn: Callable[[Floats, Strengths], tuple[Floats, Floats, Strengths]]
    learns_correlation: bool = True
    has_matrices: bool = True
    has_prevalence: bool = True
    n_levels: int = 1


ONE_COIN_FOR_ALL = Member(
    "shared-accuracy",
    "2",
    share_coin,
    learns_correlation=False,
    has_matrices=False,
    has_prevalence=False,
)
COIN_EACH = Member("one-coin", "1", learn_coins, has_matrices=False)
MATRIX_EACH = Member("dawid-skene", "2", learn_matrices)
EASY_AND_HARD = Member("task-difficulty", "1", learn_matrices, n_levels=2)


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """Counts to learn from; `probability` is renewed in place, for it is the largest thing here."""

    counts: Floats
    mass: Floats
    strengths: Strengths
    probability: Floats


def fit_member(
    member: Member,
    answers: Answers,
    *,
    gold_label: Ints | None,
    options: FitOptions,
    seed: int,
) -> Posterior:
    """Fit one member; `docs/truth/` says what each assumes."""
    check_answers(answers)
    check_gold_labels(gold_label, n_tasks=answers.n_tasks, n_labels=answers.n_labels)
    _check_options(options)
    _check_size(member, answers)
    rows = group_by_task(answers, gold_label)
    habits, strengths, probability, fit = _fit(member, rows, options)
    probability = conclude_rows(rows, habits, into=probability)
    doubt, n_given = np.zeros(rows.n_workers), np.zeros(rows.n_workers)
    add_doubt(
        rows.starts, rows.worker_of_answer, rows.label_of_answer, probability, doubt, n_given
    )  # fmt: skip
    known = np.where(n_given > 0, 1.0, np.nan)
    skills = skill_interval(habits, n_given=n_given, doubt=doubt, strengths=strengths)
    skill, low, high = (known * one for one in skills)
    n_answers = rows.n_answers
    return Posterior(
        probability=probability,
        label=best_label(probability, n_answers, gold_label),
        n_answers=n_answers,
        skill=skill,
        skill_low=low,
        skill_high=high,
        habits=habits,
        outcome=fit.outcome if rows.worker_of_answer.size else Outcome.NO_ANSWERS,
        n_iterations=fit.n_iterations,
        last_change=fit.last_change,
        method=member.method,
        version=member.version,
        seed=seed,
    )


def _fit(
    member: Member, rows: Rows, options: FitOptions
) -> tuple[Habits, Strengths, Floats, Fit[None]]:
    """Return what was learned, the last probabilities by state, and how the fit ended."""
    n_answered = max(1, int(np.count_nonzero(np.diff(rows.starts))))
    fit = iterate(
        lambda state: _step(member, rows, state, options, n_answered=n_answered),
        _start(member, rows, n_answered=n_answered),
        change_max=options.change_max,
        n_iterations_max=options.n_iterations_max,
        progress=options.progress,
    )
    habits, strengths = _learn(member, rows, fit.state, options)
    hits, probability = count_hits(fit.state.counts), fit.state.probability
    # The counts are as large as what was learned from them, and nobody needs them any more.
    ended: Fit[None] = Fit(None, fit.outcome, fit.n_iterations, fit.last_change)
    del fit
    habits = replace(habits, correlation=_correlation(member, rows, habits, options))
    sharpness = learn_sharpness(rows, habits, probability, hits=hits, strength=strengths.accuracy)
    return replace(habits, sharpness=sharpness), strengths, probability, ended


def _correlation(member: Member, rows: Rows, habits: Habits, options: FitOptions) -> float:
    if options.correlation is not None:
        return options.correlation
    return learn_correlation(rows, habits) if member.learns_correlation else CORRELATION_OF_VOTES


def conclude_rows(rows: Rows, habits: Habits, *, into: Floats | None = None) -> Floats:
    """Return (n_tasks, n_labels) probabilities by what was learned; `into` is used if it fits."""
    shape = (rows.n_tasks, rows.n_labels)
    result = np.empty(shape) if into is None or into.shape != shape else into
    logs = log_chances(habits.concentration, n_labels=rows.n_labels)
    log_prevalence = np.log(habits.prevalence)
    over_tasks(
        rows,
        lambda first, last: conclude(
            first, last, rows.starts, rows.worker_of_answer, rows.label_of_answer, *logs,
            log_prevalence, rows.gold, habits.correlation, habits.sharpness,
            habits.vote_weight, habits.vote_smoothing, result,
        ),
    )  # fmt: skip
    return result


def _start(member: Member, rows: Rows, *, n_answered: int) -> _Round:
    probability = np.empty((rows.n_tasks, rows.n_labels * member.n_levels))
    start_from_votes(
        rows.starts, rows.label_of_answer, rows.gold, probability,
        n_labels=rows.n_labels, smoothing=VOTE_SMOOTHING,
    )  # fmt: skip
    n_states = probability.shape[1]
    of_worker = (rows.n_labels, n_states) if member.has_matrices else (2,)
    counted = np.zeros((rows.n_workers, *of_worker))
    mass = np.zeros(n_states)
    count(
        rows.starts, rows.worker_of_answer, rows.label_of_answer, probability,
        *_counts_and_hits(member, counted), mass,
    )  # fmt: skip
    strengths = Strengths(n_each=max(1.0, int(rows.starts[-1]) / n_answered))
    return _Round(counted, mass, strengths, probability)


def _counts_and_hits(member: Member, counted: Floats) -> tuple[Floats, Floats]:
    """Return both arrays that the kernels count in, of which one is empty."""
    return (counted, NO_HITS) if member.has_matrices else (NO_COUNTS, counted)


def _learn(
    member: Member, rows: Rows, state: _Round, options: FitOptions
) -> tuple[Habits, Strengths]:
    concentration, newcomer, strengths = member.learn(state.counts, state.strengths)
    flat = np.full(len(state.mass), 1.0 / len(state.mass))
    habits = Habits(
        concentration=concentration,
        newcomer=newcomer,
        prevalence=learn_prevalence(state.mass, n_labels=rows.n_labels)
        if member.has_prevalence
        else flat,
        n_labels=rows.n_labels,
        correlation=0.0,
        sharpness=1.0,
        vote_weight=options.vote_weight,
        vote_smoothing=VOTE_SMOOTHING,
    )
    return habits, strengths


def _step(
    member: Member, rows: Rows, state: _Round, options: FitOptions, *, n_answered: int
) -> tuple[_Round, float]:
    """Learn from the counts, believe each task anew, and count what that tells, in one pass.

    What is as large as all workers' matrices is used again in place: `state` is spent.
    """
    habits, strengths = _learn(member, rows, state, options)
    logs = log_chances(habits.concentration, n_labels=rows.n_labels, in_place=True)
    log_prevalence = np.log(habits.prevalence)

    def do(first: int, last: int) -> tuple[Floats, Floats, float]:
        counted = state.counts if first == 0 else np.empty_like(state.counts)
        counted.fill(0.0)
        mass = np.zeros(len(log_prevalence))
        change = believe(
            first, last, rows.starts, rows.worker_of_answer, rows.label_of_answer, *logs,
            log_prevalence, rows.gold, state.probability, *_counts_and_hits(member, counted), mass,
            rows.n_labels,
        )  # fmt: skip
        return counted, mass, change

    parts = over_tasks(rows, do, part_bytes=state.counts.nbytes)
    counts, mass, change = parts[0]
    for more_counts, more_mass, more_change in parts[1:]:
        counts += more_counts
        mass += more_mass
        change += more_change
    return _Round(counts, mass, strengths, state.probability), change / n_answered


def _check_options(options: FitOptions) -> None:
    correlation = 0.0 if options.correlation is None else options.correlation
    for name, value in (("correlation", correlation), ("vote_weight", options.vote_weight)):
        if not isinstance(value, Real) or not 0.0 <= value <= 1.0:
            raise BadAnswers(f"Expected {name} from 0 to 1, got {value}.")
    # Below 0 it is never reached, which is a way to ask for all rounds.
    if not isinstance(options.change_max, Real) or np.isnan(options.change_max):
        raise BadAnswers(f"Expected change_max to be a number, got {options.change_max}.")
    if not isinstance(options.n_iterations_max, Integral) or options.n_iterations_max < 1:
        raise BadAnswers(
            f"Expected n_iterations_max of at least 1 and whole, got {options.n_iterations_max}."
        )


def fits_in_memory(member: Member, answers: Answers) -> bool:
    """Tell whether the matrices of all workers have few enough cells; coins always have."""
    return not member.has_matrices or _n_cells(member, answers) <= N_CELLS_MAX


def is_worth_its_cells(member: Member, answers: Answers) -> bool:
    """Tell whether answers can fill the matrices: many labels and few answers leave them empty."""
    n_answers = len(answers.task_of_answer)
    few = max(N_CELLS_OF_ANSWER_MAX * n_answers, N_CELLS_ALWAYS)
    return fits_in_memory(member, answers) and _n_cells(member, answers) <= few


def _n_cells(member: Member, answers: Answers) -> int:
    return answers.n_workers * answers.n_labels**2 * member.n_levels


def _check_size(member: Member, answers: Answers) -> None:
    if not fits_in_memory(member, answers):
        raise BadAnswers(
            f"Expected matrices of all workers to have at most {N_CELLS_MAX:,} cells, got "
            f"{_n_cells(member, answers):,} of {answers.n_workers:,} workers and "
            f"{answers.n_labels:,} labels; the method one-coin needs two for each worker."
        )
