from __future__ import annotations

from dataclasses import replace

import numpy as np

from dure.truth import majority
from tests.truth.crowds import simulate


def test_runner_up_is_the_second_likeliest_and_none_where_nothing_is_known():
    result = replace(
        majority(simulate([0.8] * 3, n_tasks=4, n_labels=3).answers),
        probability=np.array(
            [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.4, 0.4, 0.2], [1 / 3, 1 / 3, 1 / 3]]
        ),
        label=np.array([0, 2, 0, -1], np.int32),
    )

    assert result.runner_up.tolist() == [1, 0, 1, -1]


def test_one_label_alone_has_no_runner_up():
    result = majority(simulate([1.0], n_tasks=2, n_labels=1).answers)

    assert result.runner_up.tolist() == [-1, -1]
