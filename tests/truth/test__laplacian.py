from __future__ import annotations

import numpy as np
import pytest

from dure.truth import _blocks
from dure.truth import _laplacian as laplacian
from dure.truth._blocks import components
from dure.truth._order_kernels import fill_moments
from dure.truth._pair_votes import moments


def _graph(n_items=40, n_pairs=120, seed=0):
    random = np.random.default_rng(seed)
    all_pairs = np.stack(np.triu_indices(n_items, 1)).astype(np.int32)
    chosen = random.choice(all_pairs.shape[1], n_pairs, replace=False)
    first, second = all_pairs[:, chosen]
    return laplacian.Graph(first, second, random.exponential(1, n_pairs), 0.5, n_items)


def test_many_items_are_solved_and_sampled_as_few_are(monkeypatch):
    graph = _graph()
    right = np.random.default_rng(1).normal(size=40)
    exact = laplacian.solve(graph, right, start=np.zeros(40))
    item, between = laplacian.variances(graph, n_samples=1, seed=0)
    monkeypatch.setattr(_blocks, "N_ITEMS_EXACT_MAX", 0)

    solved = laplacian.solve(graph, right, start=np.zeros(40))
    near_item, near_between = laplacian.variances(graph, n_samples=800, seed=0)

    alone = laplacian.item_variances(graph, n_samples=800, seed=0)

    np.testing.assert_allclose(solved, exact, atol=1e-8)
    np.testing.assert_allclose(alone, near_item, rtol=1e-12)
    np.testing.assert_allclose(near_item, item, rtol=0.1)
    np.testing.assert_allclose(near_between, between, rtol=0.1)


def test_samples_vary_as_the_inverse_says(monkeypatch):
    graph = _graph(n_items=6, n_pairs=8)
    covariance = np.linalg.inv(graph.dense())
    for exact in (1000, 0):
        monkeypatch.setattr(_blocks, "N_ITEMS_EXACT_MAX", exact)
        drawn = np.zeros((8000, 6))
        for known in laplacian.posterior(graph, n_samples=8000, seed=3, of_pairs=False):
            drawn[:, known.item] = known.drawn.transpose(1, 0, 2)

        np.testing.assert_allclose(drawn.T @ drawn / 8000, covariance, atol=0.12)


def test_what_is_connected_is_one_component_the_largest_first():
    first, second = np.array([4, 5, 0], np.int32), np.array([5, 6, 2], np.int32)

    assert components(first, second, 8).tolist() == [1, 2, 1, 3, 0, 0, 0, 4]


@pytest.mark.parametrize("tie", [-np.inf, 0.4])
def test_compiled_moments_are_those_of_their_twin(tie):
    random = np.random.default_rng(0)
    lead, side = random.normal(0, 20, 50), random.integers(-1, 2, 50).astype(float)
    if tie == -np.inf:
        side[side == 0] = 1.0
    ties, out = np.full(50, tie), np.empty((50, 6))

    fill_moments(lead, ties, side, out)

    told = moments(lead, ties, side)
    names = ("log_chance", "lead_slope", "tie_slope", "lead_information", "tie_information",
             "both_information")  # fmt: skip
    expected = np.stack([getattr(told, name) for name in names], axis=1)
    np.testing.assert_allclose(out, expected, rtol=1e-10, atol=1e-12)
