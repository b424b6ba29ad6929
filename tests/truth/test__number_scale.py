from __future__ import annotations

import numpy as np
import pytest

from dure.truth import Numbers
from dure.truth._number_scale import choose_scale, log_evidence, shared_unit

UNKNOWN = np.full(40, np.nan)


def test_evidence_changes_sign_with_the_kind_of_errors():
    assert log_evidence(_crowd(by="factors")) > 20
    assert log_evidence(_crowd(by="amounts")) < -5


def test_units_of_the_answers_are_no_evidence():
    crowd = _crowd(by="factors")
    other = _with(crowd, crowd.value_of_answer * 1000)

    assert log_evidence(other) == pytest.approx(log_evidence(crowd))


def test_few_zeros_count_as_half_of_the_least_and_many_forbid_logarithms():
    crowd = _crowd(by="factors")
    values = crowd.value_of_answer.copy()
    values[3] = 0.0
    few = choose_scale(_with(crowd, values), UNKNOWN, low=-np.inf, high=np.inf)
    values[:20] = 0.0
    many = choose_scale(_with(crowd, values), UNKNOWN, low=-np.inf, high=np.inf)

    least = values[values > 0].min()
    assert (few.scale, many.scale) == ("log", "plain")
    assert 0 < few.floor <= least / 2


@pytest.mark.parametrize("known", [0.0, -1.0])
def test_truths_without_logarithm_forbid_them(known):
    gold = UNKNOWN.copy()
    gold[0] = known

    crowd = choose_scale(_crowd(by="factors"), gold, low=-np.inf, high=np.inf)

    assert crowd.scale == "plain"


def test_one_scale_is_told_by_bounds_or_by_what_many_answered_last():
    random = np.random.default_rng(2)
    rated = np.clip(random.normal(50, 40, 400), 0, 100)
    crowd = _with(_crowd(by="amounts"), rated)

    seen = shared_unit(crowd, low=-np.inf, high=np.inf)

    assert seen == shared_unit(crowd, low=0.0, high=100.0) > 0
    # One wild answer is no end of a scale, and bounds out of reach are none.
    wild = rated.copy()
    wild[0] = 1e6
    assert shared_unit(_with(crowd, wild), low=-np.inf, high=np.inf) == 0.0
    assert shared_unit(crowd, low=0.0, high=1e6) == 0.0


def _crowd(*, by):
    random = np.random.default_rng(1)
    truth = np.exp(random.normal(3, 1.5, 40))
    tasks, workers = np.divmod(np.arange(400, dtype=np.int32), np.int32(10))
    error = random.normal(0, 0.7, 400)
    values = truth[tasks] * np.exp(error) if by == "factors" else 200 + truth[tasks] + 60 * error
    return Numbers(tasks, workers, np.maximum(values, 1e-3), 40, 10)


def _with(crowd, values):
    return Numbers(crowd.task_of_answer, crowd.worker_of_answer, values, 40, 10)
