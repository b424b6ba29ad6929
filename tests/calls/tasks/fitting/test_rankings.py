from __future__ import annotations

import json

from dure.calls.tasks.fitting.parts import Counted
from dure.calls.tasks.fitting.rankings import fit_rankings

OPTIONS = {"type": "rank", "options": [{"value": one} for one in "abc"]}


def test_where_items_are_the_tasks_own_one_order_holds_for_all():
    rows = [
        ("t1", "v", ["a", "b"]),
        ("t1", "w", ["a", "b"]),
        ("t2", "v", ["b", "ㄱ"]),
        ("t2", "w", ["b", "ㄱ"]),
    ]

    fit = fit_rankings({"type": "rank"}, _counted(rows, {"t1": ("b", "a"), "t2": ("ㄱ", "b")}))

    assert fit.labels == ['["a", "b"]', '["b", "ㄱ"]']
    assert [one.item for one in fit.ranking] == ["a", "b", "ㄱ"]
    assert [one["rank"] for one in fit.values[1]["items"]] == [1, 2]
    assert all(one["rank_low"] <= one["rank"] <= one["rank_high"] <= 2
               for value in fit.values for one in value["items"])  # fmt: skip
    assert (fit.answers, list(fit.probabilities)) == ([2, 2], [])
    assert fit.learned.shared["kind"] == "rank"


def test_items_of_other_tasks_do_not_widen_a_tasks_own_order():
    rows = [(task, f"w{n}", list(order)) for n in range(30)
            for task, order in (("t1", "abc"), ("t2", "xyz"))]  # fmt: skip

    fit = fit_rankings({"type": "rank"}, _counted(rows, {"t1": tuple("cab"), "t2": tuple("zxy")}))

    # Over all tasks nobody knows whether a comes before x.
    assert {one.rank_high - one.rank_low for one in fit.ranking} >= {3}
    for value in fit.values:
        places = [(one["rank_low"], one["rank"], one["rank_high"]) for one in value["items"]]
        assert places == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]


def test_where_all_tasks_rank_the_options_each_has_its_own_order():
    rows = [(task, worker, list(order)) for worker in "vwxy"
            for task, order in (("t1", "abc"), ("t2", "cba"))]  # fmt: skip

    fit = fit_rankings(OPTIONS, _counted(rows, dict.fromkeys(("t1", "t2"), tuple("abc"))))

    assert fit.labels == ['["a", "b", "c"]', '["c", "b", "a"]']
    assert [one["rank"] for one in fit.values[1]["items"]] == [1, 2, 3]
    assert fit.values[0]["items"][0]["rank_high"] <= 3
    # Over both tasks the first and the last are even.
    scores = {one.item: round(one.score, 6) for one in fit.ranking}
    assert scores["a"] == scores["c"]


def test_known_order_is_certain():
    rows = [("t1", worker, ["a", "b", "c"]) for worker in "vw"]
    items = {"t1": tuple("abc"), "t2": tuple("abc")}

    fit = fit_rankings(OPTIONS, _counted(rows, items, {"t1": ["c", "b", "a"], "t2": ["a"]}))

    assert json.loads(fit.labels[0]) == ["c", "b", "a"]
    places = [(one["rank_low"], one["rank"], one["rank_high"]) for one in fit.values[0]["items"]]
    assert places == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]


def _counted(rows, items, gold=()):
    tasks, workers, values = (list(column) for column in zip(*rows, strict=True))
    return Counted(tasks, workers, values, dict(gold), items=items)
