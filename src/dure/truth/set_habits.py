"""What counts tell of how workers choose sets: each is shrunk to the crowd as far as it agrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth._intervals import wilson
from dure.truth.habits import EVEN, Belief, learn_strength
from dure.truth.types import Floats

# Before the first answer a crowd is believed to choose a label that belongs 7 times in 10, and one
# that does not once in 10, as if so many words had said so.
CROWD_CHOOSES = np.array([0.1, 0.7])
CROWD_STRENGTH = 200.0
# Workers are on each label as they are on all, as if so many answers had said so.
ALIKE_ON_LABELS = Belief(mean=20.0, shape=5.0)
# How far workers lie apart in how much they find and how much they invent, in log odds: a squared
# spread, as if so many workers had said so.
SPREAD_SQUARED = 0.5
SPREAD_WORTH = 10.0
# How much the words of one answer are right and wrong together; see docs/truth/multi_label.md.
WORDS_TOGETHER = 0.08
N_STEPS = 2
STEP_MAX = 1.5
CHANCE_MARGIN = 2e-3


@dataclass(frozen=True, slots=True, eq=False)
class SetStrengths:
    """How strong beliefs are by now, and each worker's lean: (n_workers, 2) log odds.

    The lean is how much more often than the crowd a worker chooses what does not belong, and what
    does. A task has `n_each` answers on average.
    """

    n_each: float
    lean: Floats
    spread_squared: Floats
    alike: float = ALIKE_ON_LABELS.mean
    even: float = EVEN.mean


def learn_choosers(counts: Floats, strengths: SetStrengths) -> tuple[Floats, Floats, SetStrengths]:
    """Shrink how each worker chooses to the crowd, first on all labels, then on each.

    Parameters
    ----------
    counts : (n_workers, 2, 2, n_labels) float64
        How often each worker left out and chose each label, where it does not belong and does.
    strengths : SetStrengths
        How alike workers were in the last round.

    Returns
    -------
    (n_workers, 2, 2, n_labels) float64, (2, 2, n_labels) float64, SetStrengths
        Each worker's Beta parameters, a newcomer's, and how alike workers are now.

    Notes
    -----
    Source: our own, `docs/truth/multi_label.md`; the labels' strength is Minka's step, see
    `dure.truth.habits.learn_strength`.
    """
    crowd, even = _learn_crowd(counts.sum(axis=0), strengths)
    lean, spread_squared = _learn_lean(counts, crowd[1], strengths)
    mean = np.empty_like(counts)
    mean[:, 1] = _chances(crowd[1], lean)
    mean[:, 0] = 1.0 - mean[:, 1]
    flat = (len(counts), 2, 2 * counts.shape[3])
    alike = learn_strength(
        counts.reshape(flat), mean.reshape(flat), strengths.alike, belief=ALIKE_ON_LABELS
    )
    mean *= alike
    mean += counts
    learned = SetStrengths(strengths.n_each, lean, spread_squared, alike, even)
    return mean, crowd * alike, learned


def _learn_crowd(counts: Floats, strengths: SetStrengths) -> tuple[Floats, float]:
    """Return (2, 2, n_labels) chances of the crowd, and how strongly labels are alike, in tasks."""
    chosen, total = counts[1].sum(axis=1), counts.sum(axis=(0, 2))
    usual = (chosen + CROWD_STRENGTH * CROWD_CHOOSES) / (total + CROWD_STRENGTH)
    mean = np.repeat(np.stack([1.0 - usual, usual])[:, :, None], counts.shape[2], axis=2)
    in_tasks = counts / strengths.n_each
    flat = (1, 2, 2 * counts.shape[2])
    even = learn_strength(in_tasks.reshape(flat), mean.reshape(flat), strengths.even, belief=EVEN)
    crowd = (in_tasks + even * mean) / (in_tasks.sum(axis=0) + even)
    crowd = np.clip(crowd, CHANCE_MARGIN, 1.0 - CHANCE_MARGIN)
    return crowd / crowd.sum(axis=0), even


def _learn_lean(counts: Floats, crowd: Floats, strengths: SetStrengths) -> tuple[Floats, Floats]:
    """Make each worker's counts likelier by Newton's steps; the spread follows the leans."""
    lean, total = strengths.lean, counts.sum(axis=1)
    for _ in range(N_STEPS):
        chance = _chances(crowd, lean)
        slope = (counts[:, 1] - total * chance).sum(axis=2) - lean / strengths.spread_squared
        bend = (total * chance * (1.0 - chance)).sum(axis=2) + 1.0 / strengths.spread_squared
        lean = lean + np.clip(slope / bend, -STEP_MAX, STEP_MAX)
    answered = total.sum(axis=(1, 2)) > 0
    seen = (lean**2 + 1.0 / bend)[answered].sum(axis=0)
    worth = np.count_nonzero(answered) + SPREAD_WORTH
    return lean, (seen + SPREAD_WORTH * SPREAD_SQUARED) / worth


def _chances(crowd: Floats, lean: Floats) -> Floats:
    """Return (n_workers, 2, n_labels) chances to choose: the crowd's, leaned."""
    logits = np.log(crowd) - np.log1p(-crowd) + lean[:, :, None]
    chance = 1.0 / (1.0 + np.exp(-logits))
    return np.clip(chance, CHANCE_MARGIN, 1.0 - CHANCE_MARGIN)


def set_skills(
    believed: Floats, *, prevalence: Floats, n_given: Floats, doubt: Floats
) -> tuple[Floats, Floats, Floats]:
    """Tell how often each worker's word on one label is right, over the labels as they occur.

    Parameters
    ----------
    believed : (n_workers, 2, 2, n_labels) float64
        What was learned of the workers.
    prevalence : (n_labels,) float64
        How often each label belongs.
    n_given : (n_workers,) float64
        How many answers each gave.
    doubt : (n_workers,) float64
        The variance of the number of right words, for the truth is not known for certain.

    Returns
    -------
    three (n_workers,) float64
        The skill, and the ends of its 90 % interval; nan for a worker without answers.

    Notes
    -----
    Source: Wilson's interval, with as many words as the variance is worth.
    """
    n_labels = len(prevalence)
    chances = believed / believed.sum(axis=1, keepdims=True)
    skill = (chances[:, 1, 1] @ prevalence + chances[:, 0, 0] @ (1.0 - prevalence)) / n_labels
    n_words = np.maximum(n_given * n_labels, 1.0)
    # Words of one answer are wrong together, and so are verdicts on one label.
    together = 1.0 + WORDS_TOGETHER * (n_labels - 1)
    variance = skill * (1.0 - skill) / (n_words / together + 1.0) + together * doubt / n_words**2
    low, high = wilson(skill, skill * (1.0 - skill) / np.maximum(variance, 1e-12) - 1.0)
    known = np.where(n_given > 0, 1.0, np.nan)
    return known * skill, known * low, known * high
