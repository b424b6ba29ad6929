from __future__ import annotations

import math

import pytest

from dure.truth import code_texts, infer_texts, score_texts


def test_scores_are_those_of_the_verdicts():
    coded = code_texts(
        ["s", "s", "t", "t", "u", "u", "v"],
        ["a", "b", "a", "b", "a", "b", "a"],
        ["Seoul", "seoul.", "서울 시청", "서울 시청", "x", "x", "y"],
    )
    result = infer_texts(coded.texts)

    score = score_texts(result, ["seoul", "서울시청", "another", None])

    chance = result.probability_of_cluster[result.best].tolist()
    losses = [math.log(chance[0]), math.log(chance[1]), math.log(1.0 - chance[2])]
    assert score.n_scored == 3
    assert score.accuracy == pytest.approx(2 / 3)
    assert score.accuracy_as_written == 0.0
    assert score.log_loss == pytest.approx(-sum(losses) / 3)
    assert score.accuracy_low < 2 / 3 < score.accuracy_high


def test_without_truths_nothing_is_scored():
    result = infer_texts(code_texts(["t"], ["a"], ["x"]).texts)

    score = score_texts(result, [None])

    assert score.n_scored == 0
    assert math.isnan(score.accuracy)
