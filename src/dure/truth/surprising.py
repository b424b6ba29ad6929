"""Answers that came with predictions of the others' answers, and whether to heed them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dure.truth import _surprise
from dure.truth._deserving import Rivals, weigh
from dure.truth.infer import infer
from dure.truth.majority import agreement, best_label, clamp, count_answers
from dure.truth.surprise_types import Reasons, Surprise, SurpriseTerms
from dure.truth.types import NO_LABEL, Answers, Floats, Ints, Posterior
from dure.truth.validate import BadAnswers, check_answers, check_gold_labels

METHOD = "surprisingly-popular"
VERSION = "1"
# The four were chosen for the least log loss on recorded crowds, see docs/truth/surprising.md.
N_EXPECTED = 8.0
SHARPNESS = 1.5
# Of what a label's votes exceed its predictions by all over a call, this part is taken off. More
# than half could turn a call around in which nearly all tasks have one label.
LEAN_PART = 0.5
# What is known of workers counts half where they gave so many answers each.
N_ANSWERS_TO_TRUST = 20.0
# The lean is drawn to none by so many tasks.
N_TASKS_OF_NO_LEAN = 12.0
NO_REASONS = Reasons(recorded=0.0, share=0.0, skill=0.0, gold=0.0)


def surprisingly_popular(
    answers: Answers,
    predictions: Floats,
    *,
    gold_label: Ints | None = None,
    seed: int = 0,
) -> Surprise:
    """Conclude from answers and from what those who gave them expect of the others.

    Assumes that those who know what few know also know that few do, and tests it: in a call where
    the surprising answers do not deserve belief, the fit of `infer` to the votes is the result.
    See `docs/truth/surprising.md`.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    predictions : (n_answers, n_labels) float64
        The share of the answers that each worker expects for each label, nan where not said.
        Missing shares get what is left of 1; shares above 1 in sum are scaled.
    gold_label : (n_tasks,) int32, optional
        Known labels, -1 where unknown; they inform the test and how much to doubt, and come back
        as certain.
    seed : int
        The same seed gives the same bits.

    Returns
    -------
    Surprise
        Both answers to each task, which is believed and why, and probabilities.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or a share is not from 0 to 1.

    Notes
    -----
    Source: D. Prelec, H. S. Seung and J. McCoy, A solution to the single-question crowd wisdom
    problem, Nature 541, 2017. The test and the probabilities are our own.
    """
    check_answers(answers)
    check_gold_labels(gold_label, n_tasks=answers.n_tasks, n_labels=answers.n_labels)
    check_predictions(predictions, answers)
    gold = np.full(answers.n_tasks, NO_LABEL, np.int32) if gold_label is None else gold_label
    answers, told = _in_order(answers, predictions)
    votes, sums, n_told = _surprise.count(answers, told)
    terms = SurpriseTerms(
        learn_lean(votes, sums, n_told), N_EXPECTED, SHARPNESS, learn_trust(answers)
    )
    expected = _surprise.expected_shares(_surprise.predicted_shares(sums, n_told), terms.lean)
    logs = _surprise.surprises(votes, expected, terms.n_expected)
    n_answers = count_answers(answers.task_of_answer, answers.n_tasks)
    is_told = (n_told > 0) & (n_answers > 0)
    surprising = np.where(is_told, logs.argmax(axis=1), NO_LABEL).astype(np.int32)
    popular = best_label(votes, n_answers, None)
    reasons = NO_REASONS
    if is_told.any():
        reasons = weigh(answers, Rivals(surprising, popular, gold))
    evidence = reasons.recorded + reasons.share + reasons.skill + reasons.gold
    by_votes = infer(answers, gold_label=gold_label, seed=seed)
    found = by_votes
    if evidence > 0.0:
        odds = _surprise.log_odds(logs, by_votes.probability, votes, terms)
        found = _believed(answers, _surprise.chances(odds), gold, by_votes)
    at = np.arange(answers.n_tasks), np.maximum(surprising, 0)
    share = np.where(is_told, votes[at] / np.maximum(n_answers, 1), np.nan)
    return Surprise(
        surprising=surprising,
        margin=share - expected[at],
        popular=popular,
        vote_share=share,
        predicted_share=np.where(is_told, sums[at] / np.maximum(n_told, 1), np.nan),
        believes_surprising=evidence > 0.0,
        evidence=evidence,
        reasons=reasons,
        probability=found.probability,
        label=found.label,
        n_answers=n_answers,
        skill=found.skill,
        skill_low=found.skill_low,
        skill_high=found.skill_high,
        foresight_error=foresight_error(answers, votes, told),
        terms=terms,
        by_votes=by_votes,
        outcome=by_votes.outcome,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def check_predictions(predictions: Floats, answers: Answers) -> None:
    """Refuse predictions that do not fit the answers.

    Parameters
    ----------
    predictions : (n_answers, n_labels) float64
        Shares, nan where not said.
    answers : Answers
        The answers that they came with.

    Raises
    ------
    BadAnswers
        If the shape, the dtype or a share does not fit.
    """
    shape = (len(answers.task_of_answer), answers.n_labels)
    if (
        not isinstance(predictions, np.ndarray)
        or predictions.dtype != np.float64
        or predictions.shape != shape
    ):
        came = (
            f"{predictions.dtype} of shape {predictions.shape}"
            if isinstance(predictions, np.ndarray)
            else type(predictions).__name__
        )
        raise BadAnswers(
            f"Expected predictions to be a float64 array of shape {shape}, got {came}; "
            "make it with dure.truth.code_predictions."
        )
    bad = np.argwhere(~(np.isnan(predictions) | ((predictions >= 0.0) & (predictions <= 1.0))))
    if len(bad):
        row, label = bad[0]
        raise BadAnswers(
            f"Expected predicted shares from 0 to 1 or nan (not said), got "
            f"{predictions[row, label]} at position {row} for label {label}; "
            "divide percentages by 100."
        )


def learn_lean(votes: Floats, sums: Floats, n_told: Floats) -> Floats:
    """Tell what labels get more of than predicted all over a call.

    Where crowds say yes too readily, it is surprising everywhere, whatever the truth; where one
    label is true more often, too. Half is taken for the first: then the surprises of a call with
    one label nearly everywhere still point where they did.

    Parameters
    ----------
    votes : (n_tasks, n_labels) float64
        How many answers name each label.
    sums : (n_tasks, n_labels) float64
        The predicted shares in sum.
    n_told : (n_tasks,) float64
        How many predicted.

    Returns
    -------
    (n_labels,) float64
        Log factors of the predicted shares, 0 on average.
    """
    used = (n_told > 0) & (votes.sum(axis=1) > 0)
    if not used.any():
        return np.zeros(votes.shape[1])
    predicted = _surprise.predicted_shares(sums[used], n_told[used])
    logs = _surprise.surprises(votes[used], predicted, N_EXPECTED)
    total = logs.sum(axis=0)
    lean: Floats = LEAN_PART * (total - total.mean()) / (len(logs) + N_TASKS_OF_NO_LEAN)
    return lean


def learn_trust(answers: Answers) -> float:
    """Tell how far to trust what a fit knows of workers: little where each gave few answers.

    Parameters
    ----------
    answers : Answers
        The answers.

    Returns
    -------
    float
        From 0 to 1.
    """
    n_given = count_answers(answers.worker_of_answer, answers.n_workers)
    n_who = int((n_given > 0).sum())
    n_each = len(answers.task_of_answer) / n_who if n_who else 0.0
    return n_each**2 / (n_each**2 + N_ANSWERS_TO_TRUST**2)


def foresight_error(answers: Answers, votes: Floats, told: Floats) -> Floats:
    """Measure how far each worker's predictions lay from what the others answered.

    Parameters
    ----------
    answers : Answers
        The answers, in order.
    votes : (n_tasks, n_labels) float64
        How many answers name each label.
    told : (n_answers, n_labels) float64
        Complete predictions, nan where there are none.

    Returns
    -------
    (n_workers,) float64
        The mean of half the sum of absolute differences; nan without predictions.
    """
    n_others = votes.sum(axis=1)[answers.task_of_answer] - 1.0
    used = np.flatnonzero(~np.isnan(told[:, 0]) & (n_others > 0))
    others = votes[answers.task_of_answer[used]]
    others[np.arange(len(used)), answers.label_of_answer[used]] -= 1.0
    apart = 0.5 * np.abs(told[used] - others / n_others[used, None]).sum(axis=1)
    workers = answers.worker_of_answer[used]
    n_used = np.bincount(workers, minlength=answers.n_workers)
    total = np.bincount(workers, weights=apart, minlength=answers.n_workers)
    return np.where(n_used > 0, total / np.maximum(n_used, 1), np.nan)


def _in_order(answers: Answers, predictions: Floats) -> tuple[Answers, Floats]:
    """The answers by task and worker, with complete predictions."""
    order = np.lexsort((answers.label_of_answer, answers.worker_of_answer, answers.task_of_answer))
    ordered = replace(
        answers,
        task_of_answer=answers.task_of_answer[order],
        worker_of_answer=answers.worker_of_answer[order],
        label_of_answer=answers.label_of_answer[order],
    )
    return ordered, _surprise.complete(predictions[order])


def _believed(answers: Answers, probability: Floats, gold: Ints, by_votes: Posterior) -> Posterior:
    clamped = clamp(probability, gold)
    skill, low, high = agreement(answers, clamped)
    return replace(
        by_votes,
        probability=clamped,
        label=best_label(clamped, by_votes.n_answers, gold),
        skill=skill,
        skill_low=low,
        skill_high=high,
    )
