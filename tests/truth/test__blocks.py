from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dure.truth import Outcome, _orders, _pair_votes, infer_pairs, infer_rankings
from dure.truth import _blocks as blocks
from dure.truth import _laplacian as laplacian
from dure.truth import _order_kernels as kernels
from dure.truth import _plackett_luce as luce
from dure.truth import _rank_fit as fitting
from dure.truth._ranks import EQUAL, places, ranks_of_rows
from tests.truth.order_laws import listed, simulated_pairs, simulated_rankings


def _in_parts(*, n_tasks, seed, n_workers=6, n_answers=4):
    """Each task ranks items of its own, 2 to 6 of them, with one more that nobody ranks."""
    random = np.random.default_rng(seed)
    orders, workers, begin = [], [], 0
    for size in random.integers(2, 7, n_tasks).tolist():
        score = random.normal(size=size)
        for worker in random.choice(n_workers, n_answers, replace=False).tolist():
            order = np.argsort(-(score + random.gumbel(size=size)))
            orders.append((begin + order).tolist())
            workers.append(worker)
        begin += size + 1
    # Items of one task do not follow each other.
    names = random.permutation(begin)
    mixed = [names[order].tolist() for order in orders]
    return listed(mixed, workers, n_items=begin, n_workers=n_workers)


def _whole(first, second, n_items):
    """One block of all items, as if all of them were tied."""
    cell = first.astype(np.int64) * n_items + second
    pair, item = np.arange(len(first), dtype=np.int32), np.arange(n_items, dtype=np.int32)
    return blocks.Blocks((), (blocks.Stack(item[None], pair, cell),))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(0, 40), st.integers(0, 2**32 - 1), st.integers(0, 6))
def test_blocks_are_solved_and_inverted_as_the_whole_matrix_is(n_items, n_pairs, seed, n_exact):
    random = np.random.default_rng(seed)
    every = np.stack(np.triu_indices(n_items, 1)).astype(np.int32)
    first, second = every[:, np.sort(random.permutation(every.shape[1])[:n_pairs])]
    weight, right = random.exponential(1, len(first)), random.normal(size=n_items)
    parts = {}
    for most in (50, n_exact):
        with patch.object(blocks, "N_ITEMS_EXACT_MAX", most):
            parts[most] = blocks.parted(first, second, n_items)
    graphs = {
        most: laplacian.Graph(first, second, weight, 0.5, n_items, one)
        for most, one in parts.items()
    }
    covariance = np.linalg.inv(graphs[50].dense())
    between = np.diag(covariance)[first] + np.diag(covariance)[second]
    between -= 2 * covariance[first, second]

    item, pair = laplacian.variances(graphs[50], n_samples=1, seed=0)

    np.testing.assert_allclose(item, np.diag(covariance), rtol=1e-10)
    np.testing.assert_allclose(pair, between, rtol=1e-9)
    for graph in graphs.values():
        solved = laplacian.solve(graph, right, start=np.zeros(n_items))
        np.testing.assert_allclose(solved, covariance @ right, atol=1e-8)
    for one in parts.values():
        items = [*(large.item for large in one.large), *(some.item.ravel() for some in one.stacks)]
        pairs = [part.pair for part in (*one.large, *one.stacks)]
        assert np.array_equal(np.sort(np.concatenate(items)), np.arange(n_items))
        assert np.array_equal(np.sort(np.concatenate(pairs)), np.arange(len(first)))
        assert all(len(large.item) > n_exact for large in one.large)


def test_fit_by_blocks_is_that_of_the_whole(monkeypatch):
    rankings = _in_parts(n_tasks=40, seed=1)
    comparisons, _ = simulated_pairs(n_items=60, n_workers=5, n_votes=50, seed=2)
    apart = infer_rankings(rankings), infer_pairs(comparisons)
    monkeypatch.setattr(_orders, "parted", _whole)
    monkeypatch.setattr(_pair_votes, "parted", _whole)

    whole = infer_rankings(rankings), infer_pairs(comparisons)

    for one, other in zip(apart, whole, strict=True):
        assert one.component.max() > 5
        assert one.n_iterations == other.n_iterations
        for name in ("score", "low", "high", "skill", "skill_low"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)


def test_small_stacks_fit_as_large_ones_do(monkeypatch):
    rankings = _in_parts(n_tasks=60, seed=3)
    expected = infer_rankings(rankings)
    monkeypatch.setattr(blocks, "N_CELLS_MAX", 2000)

    result = infer_rankings(rankings)

    np.testing.assert_array_equal(result.score, expected.score)
    np.testing.assert_array_equal(result.low, expected.low)


@pytest.mark.parametrize("n_items", [12, 90])
def test_pairs_numbered_by_sorting_are_the_same(monkeypatch, n_items):
    rankings, _ = simulated_rankings(n_items=n_items, n_workers=4, n_answers=25, seed=4)
    table = _orders.put_in_order(rankings, None)
    monkeypatch.setattr(_orders, "N_CELLS_MAX", 0)

    found = _orders.put_in_order(rankings, None)

    for one in (table, found):
        for some in one.lists:
            ahead, behind = np.triu_indices(some.item.shape[1], 1)
            ends = np.sort(np.stack([some.item[:, ahead], some.item[:, behind]]), axis=0)
            np.testing.assert_array_equal(one.first[some.pair], ends[0])
            np.testing.assert_array_equal(one.second[some.pair], ends[1])
    assert len(table.first) == len(found.first)
    assert {*zip(table.first.tolist(), table.second.tolist(), strict=True)} == {
        *zip(found.first.tolist(), found.second.tolist(), strict=True)
    }


@pytest.mark.parametrize("far", [1.0, 900.0])
def test_compiled_rankings_are_those_of_their_twin(far):
    random = np.random.default_rng(5)
    item = np.stack([random.permutation(9)[:6] for _ in range(40)]).astype(np.int32)
    precision, score = random.normal(1, 0.4, 40), far * random.normal(size=9)
    variance, pair = random.exponential(size=9), random.integers(0, 20, (40, 15)).astype(np.int32)
    pull, tied, slope, known = np.zeros(9), np.zeros(20), np.empty(40), np.empty(40)

    total = kernels.fill_told(item, pair, precision, score, pull, tied)
    kernels.fill_of_precision(item, precision, score, variance, slope, known)

    told = luce.choices(item, precision, score)
    slopes, information = luce.of_precision(item, precision, score, variance, told)
    pulls = np.bincount(item.ravel(), luce.pulls(precision, told).ravel(), 9)
    ties = np.bincount(pair.ravel(), luce.ties(precision, told).ravel(), 20)
    assert total == pytest.approx(told.log_chance.sum(), rel=1e-12)
    assert kernels.log_chance_of(item, precision, score) == pytest.approx(total, rel=1e-12)
    np.testing.assert_allclose(pull, pulls, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(tied, ties, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(slope, slopes, rtol=1e-9, atol=1e-6 * far)
    np.testing.assert_allclose(known, information, rtol=1e-9, atol=1e-6 * far**2)


def test_intervals_of_ranks_are_those_of_samples_of_the_whole():
    random = np.random.default_rng(7)
    sizes = [6, 4, 4, 3, 1]
    ends = np.cumsum(sizes)
    component = np.repeat(np.arange(5), sizes).astype(np.int32)
    first, second = np.stack(np.triu_indices(18, 1)).astype(np.int32)
    tied = component[first] == component[second]
    first, second = first[tied], second[tied]
    score, weight = random.normal(size=18), random.exponential(2, len(first))
    graph = laplacian.Graph(first, second, weight, 0.5, 18)
    drawn = random.multivariate_normal(score, np.linalg.inv(graph.dense()), 4000)

    place = places(score, graph, compared=np.full(18, 3), n_samples=40, seed=0, of_pairs=False)

    for end, size in zip(ends.tolist(), sizes, strict=True):
        part = slice(end - size, end)
        ranks = 1 + (-drawn[:, part]).argsort(axis=1).argsort(axis=1)
        low, high = np.quantile(ranks, [0.05, 0.95], axis=0)
        assert np.abs(place.rank_low[part] - low).max() <= 1
        assert np.abs(place.rank_low[part] - low).mean() <= 0.5
        assert np.abs(place.rank_high[part] - (18 - size) - high).max() <= 1
        assert np.abs(place.rank_high[part] - (18 - size) - high).mean() <= 0.5
    np.testing.assert_array_equal(place.component, component)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_ranks_of_rows_count_who_lies_above(size, seed):
    scores = np.random.default_rng(seed).integers(0, 4, (3, 5, size)) / 2.0

    ranks = ranks_of_rows(scores)

    above = (scores[..., None, :] - scores[..., :, None] > EQUAL).sum(axis=-1)
    np.testing.assert_array_equal(ranks, 1 + above)


def test_long_answers_by_many_settle():
    rankings, truth = simulated_rankings(
        n_items=150, n_workers=40, n_answers=4000, seed=6, length=20
    )

    result = infer_rankings(rankings)

    assert result.outcome is Outcome.SETTLED
    assert np.isfinite(result.high).all()
    assert np.corrcoef(result.score, truth)[0, 1] > 0.99


def test_scores_come_back_from_where_chances_are_flat():
    rankings, _ = simulated_rankings(n_items=60, n_workers=8, n_answers=1500, seed=8, length=20)
    orders = _orders.put_in_order(rankings, None)
    state = fitting.start(orders)
    # What the others gain hides how far off one score's step would lead.
    far = replace(state, score=np.where(np.arange(60) < 1, 10.0, 0.0))

    for _ in range(25):
        after = fitting.renew_scores(orders, far)
        assert np.abs(after.score - far.score).max() <= fitting.LEAP_MAX
        far, state = after, fitting.renew_scores(orders, state)

    np.testing.assert_allclose(far.score, state.score, atol=1e-8)
