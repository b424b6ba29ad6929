"""One accuracy for all workers: the vote, with an honest probability."""

from __future__ import annotations

from dure.truth._hierarchy import ONE_COIN_FOR_ALL, fit_member
from dure.truth.types import USUAL_FIT, Answers, FitOptions, Ints, Posterior


def shared_accuracy(
    answers: Answers,
    *,
    gold_label: Ints | None = None,
    options: FitOptions = USUAL_FIT,
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
        Known labels, -1 where unknown; they are held fixed, so they inform what is learned of
        workers and of how sure to be, and come back as certain.
    options : FitOptions
        How to fit; what is left open is learned.
    seed : int
        Kept in the result; nothing here is random.

    Returns
    -------
    Posterior
        Its `skill` is the shared accuracy for every worker with answers.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.

    Notes
    -----
    Source: the one-coin model of A. P. Dawid and A. M. Skene, Applied Statistics 28(1), 1979, with
    one coin for all.
    """
    return fit_member(ONE_COIN_FOR_ALL, answers, gold_label=gold_label, options=options, seed=seed)
