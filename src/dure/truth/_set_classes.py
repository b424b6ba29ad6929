"""Kinds of tasks: labels that go together, learned from what the answers say of each task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dure.truth._set_kernels import sort_into_classes
from dure.truth.types import Floats

# A kind's chances are drawn to those of all tasks, and each label's of all to the mean label's, as
# if so many tasks had said so.
CLASS_STRENGTH = 10.0
PREVALENCE_STRENGTH = 2.0
N_CLASSES_MAX = 24
# A kind is of so many tasks at least, on average.
N_TASKS_OF_CLASS = 15
# Beyond so many labels they are taken to be independent; so many tasks tell the kinds.
N_LABELS_MAX = 256
N_TASKS_MAX = 10_000
N_ROUNDS = 30
# The fit of a number of kinds has settled when a round adds so little to the log likelihood.
RISE_MIN = 0.01
# So many kinds are tried, the most scattered first, before it is given up to divide one more.
N_TRIED = 3
CHANCE_MARGIN = 5e-3


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """How often each kind occurs, and how often each label belongs there."""

    weight: Floats
    chance: Floats


def prevalence_of(probability: Floats) -> Floats:
    """Return how often each label belongs, drawn a little to how often labels do."""
    n_tasks = len(probability)
    each = probability.sum(axis=0)
    usual = (each.sum() + 1.0) / (n_tasks * probability.shape[1] + 2.0)
    chance = (each + PREVALENCE_STRENGTH * usual) / (n_tasks + PREVALENCE_STRENGTH)
    kept: Floats = np.clip(chance, CHANCE_MARGIN, 1.0 - CHANCE_MARGIN)
    return kept


def one_class(probability: Floats) -> Classes:
    """Return the one kind of which all tasks are if labels are independent."""
    return Classes(np.ones(1), prevalence_of(probability)[None])


def learn_classes(evidence: Floats, start: Classes) -> Classes:
    """Divide kinds one by one as long as the answers are likelier for it by more than its price.

    The price is that of the Bayesian information criterion. Source: latent classes, P. F.
    Lazarsfeld and N. W. Henry, Latent structure analysis, 1968; G. Schwarz, Estimating the
    dimension of a model, Annals of Statistics 6(2), 1978.
    """
    n_tasks, n_labels = evidence.shape
    if not 1 < n_labels <= N_LABELS_MAX:
        return start
    ratio = np.exp(evidence[:: 1 + (n_tasks - 1) // N_TASKS_MAX])
    price = 0.5 * (n_labels + 1) * np.log(max(n_tasks, 2))
    best, share, rise = _settle(ratio, start)
    while len(best.weight) < min(N_CLASSES_MAX, n_tasks // N_TASKS_OF_CLASS):
        for divided in _divisions(ratio, best, share):
            tried, its_share, its_rise = _settle(ratio, divided)
            if its_rise - rise > price:
                best, share, rise = tried, its_share, its_rise
                break
        else:
            break
    return best


def settle_classes(evidence: Floats, start: Classes) -> Classes:
    """Learn the same kinds anew, from other evidence."""
    if len(start.weight) < 2:
        return start
    return _settle(np.exp(evidence[:: 1 + (len(evidence) - 1) // N_TASKS_MAX]), start)[0]


def shares_of(evidence: Floats, classes: Classes) -> Floats:
    """Return how much of each task is of each kind."""
    return _sort(np.exp(evidence), classes)[0]


def _settle(ratio: Floats, classes: Classes) -> tuple[Classes, Floats, float]:
    before = -np.inf
    share, mass, sums, rise = _sort(ratio, classes)
    for _ in range(N_ROUNDS):
        if rise - before < RISE_MIN:
            break
        before = rise
        classes = _classes_of(mass, sums)
        share, mass, sums, rise = _sort(ratio, classes)
    return classes, share, rise


def _sort(ratio: Floats, classes: Classes) -> tuple[Floats, Floats, Floats, float]:
    share = np.empty((len(ratio), len(classes.weight)))
    mass, sums = np.zeros(len(classes.weight)), np.zeros(classes.chance.shape)
    rise = sort_into_classes(ratio, np.log(classes.weight), classes.chance, share, mass, sums)
    return share, mass, sums, rise


def _classes_of(mass: Floats, sums: Floats) -> Classes:
    n_tasks = mass.sum()
    usual = (sums.sum() + 1.0) / (n_tasks * sums.shape[1] + 2.0)
    overall = (sums.sum(axis=0) + PREVALENCE_STRENGTH * usual) / (n_tasks + PREVALENCE_STRENGTH)
    chance = (sums + CLASS_STRENGTH * overall) / (mass[:, None] + CLASS_STRENGTH)
    if len(mass) == 1:
        chance = overall[None]
    weight = (mass + 1.0) / (n_tasks + len(mass))
    return Classes(weight, np.clip(chance, CHANCE_MARGIN, 1.0 - CHANCE_MARGIN))


def _divisions(ratio: Floats, classes: Classes, share: Floats) -> Iterator[Classes]:
    """Give the kinds with one of them divided along what its labels have in common most."""
    belongs = np.zeros_like(ratio)
    for kind, chance in enumerate(classes.chance):
        yes = chance * ratio
        belongs += share[:, [kind]] * yes / (1.0 - chance + yes)
    scattered = []
    for kind in range(len(classes.weight)):
        part = share[:, kind]
        apart = belongs - part @ belongs / part.sum()
        scatter, axes = np.linalg.eigh((apart * part[:, None]).T @ apart)
        scattered.append((-scatter[-1], kind, apart @ axes[:, -1]))
    for _, kind, place in sorted(scattered, key=lambda one: one[:2])[:N_TRIED]:
        parts = np.concatenate([share, share[:, [kind]] * (place > 0)[:, None]], axis=1)
        parts[:, kind] *= place <= 0
        if min(parts[:, kind].sum(), parts[:, -1].sum()) > 1.0:
            yield _classes_of(parts.sum(axis=0), parts.T @ belongs)
