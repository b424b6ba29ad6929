from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from dure.truth.text_habits import (
    NO_CLUSTER,
    Clusters,
    chances,
    join_costs,
    log_odds_against_none,
    say,
    scales,
    sureness,
    table_gains,
)


def test_chances_are_those_of_bayes_rule_over_all_that_may_be_true():
    concentration = np.array([[9.0, 1.0], [6.0, 4.0], [3.0, 7.0], [5.0, 5.0]])
    clusters = _clusters([0, 0, 1, 2])
    spread = 1.3

    log_odds = log_odds_against_none(say(concentration, clusters), clusters, spread=spread)
    found = chances(log_odds, clusters)

    right = concentration[:, 0] / concentration.sum(axis=1)
    weights = [_likelihood([0, 0, 1, 2], true, right, spread) for true in (0, 1, 2, None)]
    np.testing.assert_allclose(found, np.array(weights[:3]) / sum(weights), rtol=1e-12)


def test_all_ways_to_answer_have_a_chance_of_one_in_sum():
    right = np.array([0.9, 0.6, 0.3])

    total = sum(
        _likelihood(list(groups), true, right, 1.3)
        for groups in product(range(3), repeat=3)
        if _is_numbered_as_seen(groups)
        for true in (*sorted(set(groups)), None)
    )

    assert total == pytest.approx(1.0)


def test_answers_that_fail_together_count_less():
    found = scales(np.array([1, 2, 11], np.int32), correlation=0.5, sharpness=2.0)

    assert found.tolist() == [2.0, 2.0 / 1.5, 2.0 / 6.0]


def test_spelling_of_more_is_surer_and_a_tie_is_not():
    few, tied, many, one = (
        sureness(_spelt(support), slips=0.1)[0][0]
        for support in ([2.0, 1.0], [1.0, 1.0], [4.0, 1.0], [1.0])
    )

    assert tied < 0.5 < few < many < 1.0
    assert one == pytest.approx(0.9)


def _likelihood(groups, true, right, spread):
    """Of answers grouped so where `true` is right: one by one, guests of the restaurant."""
    chance, seated = 1.0, []
    for worker, group in enumerate(groups):
        if group == true:
            chance *= right[worker]
            continue
        at_table = seated.count(group)
        chance *= (1.0 - right[worker]) * (at_table or spread) / (len(seated) + spread)
        seated.append(group)
    return chance


def _is_numbered_as_seen(groups):
    firsts = [groups.index(group) for group in sorted(set(groups))]
    return sorted(set(groups)) == list(range(len(firsts))) and firsts == sorted(firsts)


def _clusters(of_answer):
    n = len(of_answer)
    size = np.bincount(of_answer).astype(np.int32)
    return Clusters(
        of_answer=np.array(of_answer, np.int32),
        worker_of_answer=np.arange(n, dtype=np.int32),
        task=np.zeros(len(size), np.int32),
        size=size,
        n_answers=np.array([n], np.int32),
        right=np.array([NO_CLUSTER], np.int32),
        cluster_of_spelling=np.arange(len(size), dtype=np.int32),
        support_of_spelling=size.astype(float),
    )


def _spelt(support):
    n = int(sum(support))
    return Clusters(
        of_answer=np.zeros(n, np.int32),
        worker_of_answer=np.arange(n, dtype=np.int32),
        task=np.zeros(1, np.int32),
        size=np.array([n], np.int32),
        n_answers=np.array([n], np.int32),
        right=np.array([NO_CLUSTER], np.int32),
        cluster_of_spelling=np.zeros(len(support), np.int32),
        support_of_spelling=np.array(support),
    )


def test_tables_hold_the_restaurants_products():
    assert join_costs(3, 2.0) == pytest.approx(np.log([1.0, 2.0, 6.0, 24.0]))
    assert table_gains(3, 2.0) == pytest.approx(np.log([1.0, 2.0, 2.0, 4.0]))
