"""A matrix of habits for each worker, shrunk to the crowd's."""

from __future__ import annotations

from dure.truth._hierarchy import MATRIX_EACH, fit_member
from dure.truth.types import USUAL_FIT, Answers, FitOptions, Ints, Posterior


def dawid_skene(
    answers: Answers,
    *,
    gold_label: Ints | None = None,
    options: FitOptions = USUAL_FIT,
    seed: int = 0,
) -> Posterior:
    """Learn how each worker confuses the labels, and weigh the answers by it.

    Assumes that each worker has a habit (chances of each label for each true one) that resembles
    the crowd's; how much it does is learned too. Answers to one task may fail together, which
    `correlation` stands for. See `docs/truth/dawid_skene.md`.

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
        Its `skill` is each worker's accuracy over the labels as often as they occur.

    Raises
    ------
    BadAnswers
        If the arrays do not fit each other or an option is out of its range.

    Notes
    -----
    Source: A. P. Dawid and A. M. Skene, Maximum likelihood estimation of observer error-rates
    using the EM algorithm, Applied Statistics 28(1), 1979; the shrinking of matrices and the
    tempering are our own, measured in `docs/truth/dawid_skene.md`.
    """
    return fit_member(MATRIX_EACH, answers, gold_label=gold_label, options=options, seed=seed)
