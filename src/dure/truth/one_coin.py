"""One coin for each worker: right or wrong, whatever the label."""

from __future__ import annotations

from dure.truth._hierarchy import COIN_EACH, fit_member
from dure.truth.types import USUAL_FIT, Answers, FitOptions, Ints, Posterior


def one_coin(
    answers: Answers,
    *,
    gold_label: Ints | None = None,
    options: FitOptions = USUAL_FIT,
    seed: int = 0,
) -> Posterior:
    """Learn how often each worker is right, and weigh the answers by it.

    Assumes that a worker is as often right on every label and that wrong answers spread evenly.
    It needs two numbers for each worker, so it fits questions with very many labels. See
    `docs/truth/one_coin.md`.

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
        Its `skill` is each worker's accuracy.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.

    Notes
    -----
    Source: the one-coin model of A. P. Dawid and A. M. Skene, Applied Statistics 28(1), 1979; the
    shrinking is that of `dawid_skene`.
    """
    return fit_member(COIN_EACH, answers, gold_label=gold_label, options=options, seed=seed)
