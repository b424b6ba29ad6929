"""A matrix of habits for each worker, with easy and hard tasks of each label."""

from __future__ import annotations

import numpy as np

from dure.truth._hierarchy import EASY_AND_HARD, fit_member
from dure.truth.dawid_skene import dawid_skene
from dure.truth.majority import count_answers
from dure.truth.types import USUAL_FIT, Answers, FitOptions, Ints, Posterior
from dure.truth.validate import check_answers

# J. B. Kruskal, Psychometrika 42, 1977: latent classes need three views to be told apart.
N_EACH_MIN = 3


def task_difficulty(
    answers: Answers,
    *,
    gold_label: Ints | None = None,
    options: FitOptions = USUAL_FIT,
    seed: int = 0,
) -> Posterior:
    """Learn how each worker confuses the labels of easy and of hard tasks.

    Assumes that each label has two kinds of task, and that each worker's habits at either
    resemble the crowd's at it: on a hard one all may lean to the same wrong label. A label's
    probability is that of its likelier kind. With fewer than three answers a task on average
    kinds can't be told apart, and the result is that of `dawid_skene`. See
    `docs/truth/task_difficulty.md`.

    Parameters
    ----------
    answers : Answers
        At most one answer for each task and worker.
    gold_label : (n_tasks,) int32, optional
        Known labels, -1 where unknown; they are held fixed, so they inform what is learned of
        workers and of how sure to be, and come back as certain.
    options : FitOptions
        How to fit; what is left open is learned.
    seed : int
        Kept in the result; nothing here is random.

    Returns
    -------
    Posterior
        Its `skill` is each worker's accuracy over labels and kinds as often as they occur.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.

    Notes
    -----
    Source: latent classes within a label, P. F. Lazarsfeld and N. W. Henry, Latent structure
    analysis, 1968; the fit is that of `dawid_skene`.
    """
    check_answers(answers)
    n_each = count_answers(answers.task_of_answer, answers.n_tasks)
    n_answered = max(1, int(np.count_nonzero(n_each)))
    if len(answers.task_of_answer) < N_EACH_MIN * n_answered:
        return dawid_skene(answers, gold_label=gold_label, options=options, seed=seed)
    return fit_member(EASY_AND_HARD, answers, gold_label=gold_label, options=options, seed=seed)
