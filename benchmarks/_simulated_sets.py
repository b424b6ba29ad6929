"""Sets of labels whose truth is known, and crowds that name them; not as the engine believes it.

Truth. *Independent*: each label has a rate of its own. *Correlated*: three normal factors lift or
lower each label, and a label belongs beyond its threshold. *Nested*: labels are a tree; a task has
one or two leaves and all that lies above them.

People. Each label that belongs is noticed with chance 1 − exp(−attention × salience × clarity) of
the person, the label and the task. What was noticed may bring its look-alike with it. Each task has
one label that does not belong and misleads, a little or much, everybody according to his
carelessness. Slips fall on popular labels. Who has named as many as his patience lets him stops.
Spammers tick all, none, the same few, or each by a coin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class SetCrowd:
    """A crowd's answers and what is true, (n_tasks, n_labels)."""

    sets: Any
    truth: Any
    is_spammer: Any


def simulate_sets(
    *,
    truth: str = "independent",
    n_labels: int = 10,
    n_tasks: int = 300,
    n_each: int = 5,
    n_workers: int = 40,
    attention: float = 1.8,
    carelessness: float = 0.25,
    spam: float = 0.0,
    alike: bool = False,
    seed: int = 0,
) -> SetCrowd:
    """Draw truths and a crowd; `alike` tasks mislead nobody and are equally clear."""
    from dure.truth import Sets

    random = np.random.default_rng(seed)
    true = TRUTHS[truth](random, n_tasks, n_labels)
    tasks = np.repeat(np.arange(n_tasks, dtype=np.int32), n_each)
    workers = np.concatenate(
        [random.permutation(n_workers)[:n_each] for _ in range(n_tasks)]
    ).astype(np.int32)
    people = _people(random, n_workers, attention, carelessness)
    things = _things(random, true, alike)
    chosen = _name(random, true[tasks], tasks, workers, people, things)
    is_spammer = np.arange(n_workers) < round(spam * n_workers)
    _spam(random, chosen, workers, is_spammer)
    return SetCrowd(Sets(tasks, workers, chosen, n_tasks, n_workers, n_labels), true, is_spammer)


def _independent(random: Any, n_tasks: int, n_labels: int) -> Any:
    rates = random.beta(1.2, max(1.5, 0.3 * n_labels), n_labels)
    return random.random((n_tasks, n_labels)) < rates


def _correlated(random: Any, n_tasks: int, n_labels: int) -> Any:
    loading = random.normal(0.0, 1.0, (3, n_labels))
    lifted = random.normal(0.0, 1.0, (n_tasks, 3)) @ loading
    noise = random.normal(0.0, 0.7, (n_tasks, n_labels))
    return lifted + noise > random.uniform(1.0, 2.5, n_labels)


def _nested(random: Any, n_tasks: int, n_labels: int) -> Any:
    # Label 0 is the root of nothing: each label hangs below an earlier one, or stands alone.
    above = [-1 if label < 2 or random.random() < 0.15 else int(random.integers(0, label))
             for label in range(n_labels)]  # fmt: skip
    popularity = random.dirichlet(np.full(n_labels, 0.7))
    true = np.zeros((n_tasks, n_labels), bool)
    for row in true:
        for leaf in random.choice(n_labels, size=1 + (random.random() < 0.35), p=popularity):
            label = int(leaf)
            while label >= 0:
                row[label] = True
                label = above[label]
    return true


TRUTHS = {"independent": _independent, "correlated": _correlated, "nested": _nested}


def _people(random: Any, n: int, attention: float, carelessness: float) -> dict[str, Any]:
    return {
        "attention": attention * random.gamma(4.0, 0.25, n),
        "carelessness": carelessness * random.gamma(2.0, 0.5, n),
        "patience": 2 + random.poisson(4.0, n),
    }


def _things(random: Any, true: Any, alike: bool) -> dict[str, Any]:
    n_tasks, n_labels = true.shape
    return {
        "clarity": np.ones(n_tasks) if alike else random.gamma(3.0, 1 / 3.0, n_tasks),
        "misleads": np.zeros(n_tasks) if alike else random.beta(0.5, 1.5, n_tasks),
        "misleading": random.integers(0, n_labels, n_tasks),
        "salience": random.gamma(6.0, 1 / 6.0, n_labels),
        "twin": random.integers(0, n_labels, n_labels),
        "popular": random.dirichlet(np.ones(n_labels)),
    }


def _name(random: Any, true: Any, tasks: Any, workers: Any, people: Any, things: Any) -> Any:
    n_answers = len(true)
    attention = people["attention"][workers, None]
    careless = people["carelessness"][workers, None]
    clear = things["clarity"][tasks, None]
    noticed = true & (
        random.random(true.shape) < 1.0 - np.exp(-attention * things["salience"] * clear)
    )
    chosen = noticed.copy()
    brought = noticed & (random.random(true.shape) < 0.5 * careless / (0.5 + clear))
    row, label = np.nonzero(brought)
    chosen[row, things["twin"][label]] = True
    misled = random.random(n_answers) < np.minimum(
        1.0, things["misleads"][tasks] * 4 * careless[:, 0]
    )
    chosen[np.flatnonzero(misled), things["misleading"][tasks][misled]] = True
    chosen |= random.random(true.shape) < careless * things["popular"]
    # The most noticed come first; who is out of patience leaves the rest out.
    order = np.argsort(np.argsort(np.where(chosen, random.random(true.shape), 2.0), axis=1), axis=1)
    return chosen & (order < people["patience"][workers, None])


def _spam(random: Any, chosen: Any, workers: Any, is_spammer: Any) -> None:
    few = random.random((len(is_spammer), chosen.shape[1])) < 0.3
    for spammer in np.flatnonzero(is_spammer):
        rows = np.flatnonzero(workers == spammer)
        coin = random.random((len(rows), chosen.shape[1])) < 0.5
        whole = np.full(coin.shape, spammer % 4 == 0)
        chosen[rows] = coin if spammer % 4 == 2 else few[spammer] if spammer % 4 == 3 else whole
