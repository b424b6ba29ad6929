from __future__ import annotations

import json
import math

from dure.truth import NumberCrowd, crowd_as_json, crowd_from_json


def test_crowd_comes_back_from_json_to_the_last_bit():
    for crowd in (
        NumberCrowd("log", 0.5, -math.inf, 7.0, log_variance=1 / 3, variance=0.1, freedom=12),
        NumberCrowd("plain", 0.0, 0.0, math.inf, step=0.25, log_variance=2.0),
    ):
        spelled = json.dumps(crowd_as_json(crowd), allow_nan=False)

        assert crowd_from_json({"kind": "number", **json.loads(spelled)}) == crowd


def test_what_is_not_known_is_null():
    spelled = crowd_as_json(NumberCrowd("plain", 0.0, -math.inf, math.inf))

    assert [name for name, value in spelled.items() if value is None] == [
        "low",
        "high",
        "step",
        "log_variance",
        "variance",
    ]
    assert math.isnan(crowd_from_json(spelled).log_variance)
