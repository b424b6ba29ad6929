from __future__ import annotations

import numpy as np
import pytest

from dure.truth import BadAnswers, code_choices, code_predictions

CODED = code_choices(["t", "t", "s"], ["w", "v", "w"], ["b", "a", "a"])


def test_predictions_lie_beside_their_answers_whatever_their_order():
    rows = [("t", "v", "b", 0.2), ("s", "w", "a", 0.9), ("t", "v", "a", 0.8), ("t", "x", "a", 1.0)]

    ours, theirs = (
        code_predictions(CODED, *map(list, zip(*some, strict=True))) for some in (rows, rows[::-1])
    )

    # In order: s by w, t by v, t by w. Who did not answer is left out.
    np.testing.assert_array_equal(ours, [[0.9, np.nan], [0.8, 0.2], [np.nan, np.nan]])
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            (["t"], ["v"], ["c"], [0.5]),
            (
                "Expected each prediction to be for one of a, b; got 'c'; leave it out or add the "
                "class."
            ),
        ),
        (
            (["t", "t"], ["v", "v"], ["a", "a"], [0.5, 0.6]),
            "Expected one prediction for each task, worker and label, got two; leave one out.",
        ),
        (
            (["t"], ["v"], ["a"], []),
            "Expected columns of one length, got [0, 1]; give one of each per row.",
        ),
    ],
)
def test_unfit_columns_are_refused(columns, sentence):
    with pytest.raises(BadAnswers) as refusal:
        code_predictions(CODED, *columns)

    assert str(refusal.value) == sentence
