"""Topics come from one short list."""

from __future__ import annotations

import pytest

from dure.calls.topics import check_topics
from dure.errors import Invalid


def test_topics_are_kept_in_their_order_and_once() -> None:
    assert check_topics(["science", "nature", "science"]) == ["science", "nature"]


@pytest.mark.parametrize("topics", [None, "nature", ["birds"], [1], ["nature"] * 4, [["nature"]]])
def test_what_is_no_topic_is_refused(topics: object) -> None:
    with pytest.raises(Invalid):
        check_topics(topics)
