from __future__ import annotations

import numpy as np
import pytest

from dure.truth._kernels import add_counts, add_log_likelihood

# Both add the same numbers in the same order, so only the last bits could differ.
TOLERANCE = {"rtol": 1e-13, "atol": 1e-13}


@pytest.mark.parametrize("n_answers", [0, 1, 400])
def test_log_likelihood_equals_its_numpy_twin(n_answers):
    tasks, workers, labels, random = _rows(n_answers)
    log_matrix = np.log(random.random((7, 3, 3)))
    twin = np.zeros((20, 3))
    np.add.at(twin, tasks, log_matrix[workers, labels])

    compiled = np.zeros((20, 3))
    add_log_likelihood(tasks, workers, labels, log_matrix, compiled)

    np.testing.assert_allclose(compiled, twin, **TOLERANCE)


@pytest.mark.parametrize("n_answers", [0, 1, 400])
def test_counts_equal_their_numpy_twin(n_answers):
    tasks, workers, labels, random = _rows(n_answers)
    probability = random.random((20, 3))
    twin = np.zeros((7, 3, 3))
    np.add.at(twin, (workers, labels), probability[tasks])

    compiled = np.zeros((7, 3, 3))
    add_counts(tasks, workers, labels, probability, compiled)

    np.testing.assert_allclose(compiled, twin, **TOLERANCE)
    assert compiled.sum() == pytest.approx(probability[tasks].sum())


def _rows(n_answers):
    random = np.random.default_rng(3)
    columns = (random.integers(0, n, n_answers).astype(np.int32) for n in (20, 7, 3))
    return *columns, random
