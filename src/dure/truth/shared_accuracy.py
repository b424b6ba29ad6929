"""One accuracy for all workers: the vote, with an honest probability."""

from __future__ import annotations

import numpy as np

from dure.truth._converge import iterate
from dure.truth.majority import best_label, clamp, count_answers, vote_counts, vote_shares
from dure.truth.types import Answers, Floats, Ints, Outcome, Posterior
from dure.truth.validate import check_answers, check_gold_labels

METHOD = "shared-accuracy"
VERSION = "1"

# What is believed of a crowd before its first answer: right 7 times in 10, worth so many answers.
CROWD_ACCURACY = 0.7
CROWD_STRENGTH = 50.0
# The accuracy is kept this far from 0 and 1, so that its odds stay finite.
ACCURACY_MARGIN = 1e-3
VOTE_SMOOTHING = 0.5
CHANGE_MAX = 1e-6
N_ITERATIONS_MAX = 200


def shared_accuracy(
    answers: Answers,
    *,
    gold_label: Ints | None = None,
    correlation: float = 0.4,
    vote_weight: float = 0.2,
    seed: int = 0,
) -> Posterior:
    """Learn how often the crowd is right, the same for everybody, and count votes by it.

    Assumes that workers can't be told apart, and that no label is likelier than another before
    the answers; so the label is the majority's. See `docs/truth/shared_accuracy.md`.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    gold_label : (n_tasks,) int32, optional
        Known labels, -1 where unknown; they are held fixed and so inform the accuracy.
    correlation : float
        From 0 to 1. The log likelihood of n answers is divided by 1 + correlation * (n - 1), once,
        after the fit.
    vote_weight : float
        From 0 to 1. The part of the smoothed vote share mixed into the result.
    seed : int
        Kept in the result; nothing here is random.

    Returns
    -------
    Posterior
        Its `skill` is the shared accuracy for every worker with answers.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other.

    Notes
    -----
    Source: the one-coin model of A. P. Dawid and A. M. Skene, Applied Statistics 28(1), 1979, with
    one coin for all; the tempering is that of `dawid_skene`.
    """
    check_answers(answers)
    check_gold_labels(gold_label, n_tasks=answers.n_tasks, n_labels=answers.n_labels)
    votes = vote_counts(answers)
    n_votes = votes.sum(axis=1)
    fit = iterate(
        lambda accuracy: _accuracy(votes, clamp(_expect(votes, accuracy), gold_label)),
        CROWD_ACCURACY,
        mean_change=lambda old, new: abs(new - old),
        change_max=CHANGE_MAX,
        n_iterations_max=N_ITERATIONS_MAX,
    )
    divisor = 1.0 + correlation * np.maximum(n_votes - 1.0, 0.0)
    tempered = _expect(votes / divisor[:, None], fit.state)
    shares = vote_shares(answers, smoothing=VOTE_SMOOTHING)
    probability = clamp((1.0 - vote_weight) * tempered + vote_weight * shares, gold_label)
    n_answers = count_answers(answers.task_of_answer, answers.n_tasks)
    n_given = count_answers(answers.worker_of_answer, answers.n_workers)
    return Posterior(
        probability=probability,
        label=best_label(probability, n_answers, gold_label),
        n_answers=n_answers,
        skill=np.where(n_given > 0, fit.state if answers.n_labels > 1 else 1.0, np.nan),
        outcome=fit.outcome if answers.task_of_answer.size else Outcome.NO_ANSWERS,
        n_iterations=fit.n_iterations,
        last_change=fit.last_change,
        method=METHOD,
        version=VERSION,
        seed=seed,
    )


def workers_differ_by(answers: Answers) -> float:
    """Tell by how many standard errors workers differ more than chance alone would make them.

    The sum over workers of how far each agrees with the others' vote more or less than all do,
    in units of its variance, is a chi-squared variable if all are alike; this is its distance
    from its mean in standard deviations. Workers of whom nobody else shares a task tell nothing.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.

    Returns
    -------
    float
        About a standard normal variable where all workers are alike.
    """
    votes = vote_counts(answers)[answers.task_of_answer]
    rows = np.arange(len(votes))
    votes[rows, answers.label_of_answer] -= 1.0
    is_shared = votes.sum(axis=1) > 0
    is_best = votes == votes.max(axis=1, keepdims=True)
    agrees = (is_best[rows, answers.label_of_answer] / is_best.sum(axis=1))[is_shared]
    worker = answers.worker_of_answer[is_shared]
    if not agrees.size or not agrees.var() > 0:
        return 0.0
    n_given = np.bincount(worker)
    n_agreed = np.bincount(worker, weights=agrees)
    counted = n_given > 0
    distance = (n_agreed - agrees.mean() * n_given)[counted] ** 2
    chi_squared = float((distance / (n_given[counted] * agrees.var())).sum())
    degrees = int(counted.sum()) - 1
    return (chi_squared - degrees) / float(np.sqrt(2.0 * max(degrees, 1)))


def _accuracy(votes: Floats, probability: Floats) -> float:
    right = float((probability * votes).sum()) + CROWD_STRENGTH * CROWD_ACCURACY
    return right / (float(votes.sum()) + CROWD_STRENGTH)


def _expect(votes: Floats, accuracy: float) -> Floats:
    """Return each task's probabilities, all labels being equally likely before the votes."""
    n_labels = votes.shape[1]
    kept = float(np.clip(accuracy, ACCURACY_MARGIN, 1.0 - ACCURACY_MARGIN))
    logs = votes * np.log(kept * max(n_labels - 1, 1) / (1.0 - kept))
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    probability: Floats = chances / chances.sum(axis=1, keepdims=True)
    return probability
