"""From what answers say of each label to sets and how sure they are; nothing here is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.types import Floats

Flags = NDArray[np.bool_]

# No evidence on one label counts for more than this in natural log odds: one in seven billion.
EVIDENCE_MAX = 22.0
# So many numbers at once stay in the processor's cache.
CELLS_AT_ONCE = 2**17
TINY = 1e-250
# A set takes the place of another only if it is likelier by more than rounding.
GAIN_MIN = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class SetHabits:
    """What a fit of sets learned that holds for all workers and tasks.

    Tasks are of a few kinds: `class_weight` is how often each occurs, (n_classes,), and
    `class_chance` how often each label belongs there, (n_classes, n_labels); one kind leaves the
    labels independent. `newcomer` is what is believed of a worker without answers, in the form
    of a row of `SetPosterior.habits`. `correlation` and `sharpness` temper the log odds, and
    `vote_weight` of the result is each label's share of the votes, with `vote_smoothing` answers
    that chose it as often as all did, which is `popularity`, (n_labels,). A set has from `least`
    to `most` labels.
    """

    class_weight: Floats
    class_chance: Floats
    newcomer: Floats
    popularity: Floats
    correlation: float
    sharpness: float
    vote_weight: float
    vote_smoothing: float
    least: int
    most: int

    @property
    def n_labels(self) -> int:
        """How many labels there are.

        Returns
        -------
        int
            At least 1.
        """
        return int(self.class_chance.shape[1])


def word_weights(habits: Floats, *, n_labels: int) -> Floats:
    """Turn what is believed of workers into what their words weigh.

    Parameters
    ----------
    habits : (n_workers, 4 * n_labels) float64
        As in `SetPosterior`.
    n_labels : int
        How many labels there are.

    Returns
    -------
    (n_workers, 2, n_labels) float64
        The log odds for each label where it was left out (0) and where it was chosen (1).
    """
    believed = habits.reshape(len(habits), 2, 2, n_labels)
    logs = np.log(believed) - np.log(believed.sum(axis=1, keepdims=True))
    weights: Floats = logs[:, :, 1] - logs[:, :, 0]
    return weights


def temper(said: Floats, loud: Floats, most: Floats, shared: SetHabits) -> Floats:
    """Tell what the log odds of a task's labels are to be multiplied with.

    Parameters
    ----------
    said : (n_tasks, n_labels) float64
        The log odds of all answers to the task in sum.
    loud : (n_tasks, n_labels) float64
        Their sizes in sum.
    most : (n_tasks, n_labels) float64
        The size of the largest.
    shared : SetHabits
        What was learned.

    Returns
    -------
    (n_tasks, n_labels) float64
        The factors; see `dure.truth.chances.divisors`.
    """
    counted = loud / np.where(most > 0.0, most, 1.0)
    factor = shared.sharpness / np.maximum(1.0 + shared.correlation * (counted - 1.0), 1.0)
    size = np.abs(said) * factor
    capped: Floats = factor * np.minimum(1.0, EVIDENCE_MAX / np.maximum(size, EVIDENCE_MAX))
    return capped


def vote_shares(votes: Floats, n_answers: Floats, shared: SetHabits) -> Floats:
    """Return each label's smoothed share of a task's answers.

    Parameters
    ----------
    votes : (n_tasks, n_labels) float64
        How many answers chose each label.
    n_answers : (n_tasks,) float64
        How many answers each task has.
    shared : SetHabits
        What was learned.

    Returns
    -------
    (n_tasks, n_labels) float64
        Above 0 and below 1.
    """
    smoothing = shared.vote_smoothing
    return (votes + smoothing * shared.popularity) / (n_answers[:, None] + smoothing)


def tell_sets(evidence: Floats, shares: Floats, shared: SetHabits) -> tuple[Floats, Flags, Floats]:
    """Conclude each task's labels and the likeliest set as a whole.

    Assumes that labels are independent within a kind of task, and that sets have the sizes that
    the question allows. The set is the likeliest of those that are likeliest in a kind or by
    each label for itself, and of what changing one label at a time makes of it.

    Parameters
    ----------
    evidence : (n_tasks, n_labels) float64
        What the answers say for each label, in tempered log odds, without any prior.
    shares : (n_tasks, n_labels) float64
        Each label's share of the votes, as `vote_shares` gives it.
    shared : SetHabits
        What was learned.

    Returns
    -------
    (n_tasks, n_labels) float64, (n_tasks, n_labels) bool, (n_tasks,) float64
        Each label's chance to belong; the likeliest set; its probability.
    """
    probability, sureness = np.empty(evidence.shape), np.empty(len(evidence))
    chosen = np.zeros(evidence.shape, bool)
    for part in _parts(len(evidence), shared):
        odds, base = _class_odds(evidence[part], shared)
        fitted, log_within = _marginals(odds, base, shared)
        probability[part] = _mixed(fitted, shares[part], shared)
        # The votes stand beside the kinds, with a weight that no answer changes.
        kept = np.log1p(-shared.vote_weight) - log_within[:, None]
        by_vote = np.log1p(-shares[part]).sum(axis=1) + _log(shared.vote_weight)
        chosen[part], log_best = _likeliest_sets(
            probability[part],
            np.concatenate([odds, _logit(shares[part])[:, None]], axis=1),
            np.concatenate([base + kept, by_vote[:, None]], axis=1),
            shared,
        )
        sureness[part] = np.exp(log_best)
    return probability, chosen, np.minimum(sureness, 1.0)


def label_chances(evidence: Floats, shares: Floats, shared: SetHabits) -> Floats:
    """Tell each label's chance to belong, as `tell_sets` does, without looking for the set.

    Parameters
    ----------
    evidence, shares : (n_tasks, n_labels) float64
        As `tell_sets` takes them.
    shared : SetHabits
        What was learned.

    Returns
    -------
    (n_tasks, n_labels) float64
        From 0 to 1.
    """
    return _mixed(fitted_chances(evidence, shared), shares, shared)


def fitted_chances(evidence: Floats, shared: SetHabits) -> Floats:
    """Tell each label's chance to belong, before the votes are mixed in.

    Parameters
    ----------
    evidence : (n_tasks, n_labels) float64
        What the answers say for each label, in tempered log odds, without any prior.
    shared : SetHabits
        What was learned.

    Returns
    -------
    (n_tasks, n_labels) float64
        From 0 to 1.
    """
    probability = np.empty(evidence.shape)
    for part in _parts(len(evidence), shared):
        probability[part] = _marginals(*_class_odds(evidence[part], shared), shared)[0]
    return probability


def _mixed(fitted: Floats, shares: Floats, shared: SetHabits) -> Floats:
    return (1.0 - shared.vote_weight) * fitted + shared.vote_weight * shares


def _parts(n_tasks: int, shared: SetHabits) -> Iterator[slice]:
    n_sizes = _size_steps(shared)[2] + 1 if _is_limited(shared) else 1
    n_rows = max(1, CELLS_AT_ONCE // (shared.class_chance.size * n_sizes))
    for start in range(0, n_tasks, n_rows):
        yield slice(start, start + n_rows)


def _class_odds(evidence: Floats, shared: SetHabits) -> tuple[Floats, Floats]:
    """Return each label's log odds in each kind, and the log chance of each kind's empty set."""
    chance = shared.class_chance
    odds = evidence[:, None, :] + (np.log(chance) - np.log1p(-chance))
    base: Floats = np.log(shared.class_weight) + np.log1p(-chance).sum(axis=1)
    return odds, base


def _marginals(odds: Floats, base: Floats, shared: SetHabits) -> tuple[Floats, Floats]:
    """Return each label's chance, and the log weight of all sets of a size that is allowed."""
    total = base + np.logaddexp(0.0, odds).sum(axis=2)
    log_all = _log_sum(total)
    of_class = np.exp(total - log_all[:, None])
    chance = _logistic(odds)
    free = np.einsum("tc,tck->tk", of_class, chance)
    if not _is_limited(shared):
        return np.minimum(free, 1.0), log_all
    joint, within = _with_size(chance, shared)
    allowed = (of_class * within).sum(axis=1)
    limited = np.einsum("tc,tck->tk", of_class, joint) / np.maximum(allowed, TINY)[:, None]
    told = np.where(allowed[:, None] > TINY, limited, free)
    return np.clip(told, 0.0, 1.0), log_all + np.log(np.maximum(allowed, TINY))


def _with_size(chance: Floats, shared: SetHabits) -> tuple[Floats, Floats]:
    """Return the chance of each label together with a size that is allowed, and of such a size.

    Labels are added one by one; what is kept on the way is how many belong so far, and beforehand
    how likely the rest then comes to a size that is allowed.
    """
    is_flipped, least, cap, is_open = _size_steps(shared)
    given = 1.0 - chance if is_flipped else chance
    n_labels = given.shape[2]
    rest = np.zeros((n_labels + 1, *given.shape[:2], cap + 1))
    rest[n_labels, :, :, least:] = 1.0
    for label in range(n_labels - 1, -1, -1):
        more = _one_more(rest[label + 1], is_open=is_open)
        one = given[:, :, label, None]
        rest[label] = (1.0 - one) * rest[label + 1] + one * more
    so_far = np.zeros((*given.shape[:2], cap + 1))
    so_far[:, :, 0] = 1.0
    joint = np.empty_like(given)
    for label in range(n_labels):
        one = given[:, :, label, None]
        joint[:, :, label] = (one * so_far * _one_more(rest[label + 1], is_open=is_open)).sum(-1)
        grown = (1.0 - one) * so_far
        grown[:, :, 1:] += one * so_far[:, :, :-1]
        if is_open:
            grown[:, :, cap] += one[:, :, 0] * so_far[:, :, cap]
        so_far = grown
    within = rest[0, :, :, 0]
    return (within[:, :, None] - joint if is_flipped else joint), within


def _one_more(by_size: Floats, *, is_open: bool) -> Floats:
    """Return by size what holds for one label more."""
    more = np.zeros_like(by_size)
    more[..., :-1] = by_size[..., 1:]
    if is_open:
        more[..., -1] = by_size[..., -1]
    return more


def _size_steps(shared: SetHabits) -> tuple[bool, int, int, bool]:
    """Return whether to count labels left out, the least, where to stop, and if more is as good.

    Counting those left out is shorter where nearly all labels may be chosen.
    """
    n_labels = shared.n_labels
    ways = []
    for is_flipped, least, most in (
        (False, shared.least, shared.most),
        (True, n_labels - shared.most, n_labels - shared.least),
    ):
        is_open = most >= n_labels
        ways.append((least if is_open else most, is_flipped, least, is_open))
    cap, is_flipped, least, is_open = min(ways)
    return is_flipped, least, cap, is_open


def _is_limited(shared: SetHabits) -> bool:
    return shared.least > 0 or shared.most < shared.n_labels


def _likeliest_sets(
    probability: Floats, odds: Floats, base: Floats, shared: SetHabits
) -> tuple[Flags, Floats]:
    """Return the likeliest sets and their log probability; the last of the kinds is the votes."""
    kept = np.clip(probability, 1e-12, 1.0 - 1e-12)
    candidates = _best_by_odds(np.concatenate([odds, _logit(kept)[:, None]], axis=1), shared)
    logs = np.matmul(candidates.astype(np.float64), odds.transpose(0, 2, 1)) + base[:, None, :]
    row = np.arange(len(odds))
    first = _log_sum(logs).argmax(axis=1)
    chosen, of_class = candidates[row, first].copy(), logs[row, first]
    _change_single_labels(chosen, of_class, odds, shared)
    return chosen, _log_sum(of_class)


def _best_by_odds(odds: Floats, shared: SetHabits) -> Flags:
    """Return by task and row of odds the set that is likeliest if labels are independent."""
    likely = odds > 0.0
    if not _is_limited(shared):
        return likely
    n_chosen = np.clip(likely.sum(axis=-1), shared.least, shared.most)
    order = np.argsort(-odds, axis=-1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(odds.shape[-1]), odds.shape), -1)
    best: Flags = place < n_chosen[..., None]
    return best


def _change_single_labels(chosen: Flags, of_class: Floats, odds: Floats, shared: SetHabits) -> None:
    """Change the label that makes the set likeliest, as long as one does; both in place."""
    active = np.arange(len(chosen))
    for _ in range(2 * chosen.shape[1]):
        sets = chosen[active]
        change = np.where(sets[:, None, :], -odds[active], odds[active])
        after = _log_sum(of_class[active][:, :, None] + change, axis=1)
        size = sets.sum(axis=1, keepdims=True) + np.where(sets, -1, 1)
        after[(size < shared.least) | (size > shared.most)] = -np.inf
        best = after.argmax(axis=1)
        row = np.arange(len(active))
        better = after[row, best] > _log_sum(of_class[active]) + GAIN_MIN
        if not better.any():
            return
        active, best, row = active[better], best[better], row[better]
        of_class[active] += change[row, :, best]
        chosen[active, best] = ~chosen[active, best]


def _logistic(logits: Floats) -> Floats:
    chance: Floats = 1.0 / (1.0 + np.exp(-logits))
    return chance


def _logit(chance: Floats) -> Floats:
    return np.log(chance) - np.log1p(-chance)


def _log(chance: float) -> float:
    return float(np.log(chance)) if chance > 0.0 else -np.inf


def _log_sum(logs: Floats, *, axis: int = -1) -> Floats:
    most = logs.max(axis=axis, keepdims=True)
    summed: Floats = most + np.log(np.exp(logs - most).sum(axis=axis, keepdims=True))
    return summed.squeeze(axis)
