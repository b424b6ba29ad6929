from __future__ import annotations

import json

import numpy as np
import pytest

from dure.calls.tasks.fitting.kinds import fit
from dure.calls.tasks.fitting.parts import Counted
from dure.calls.tasks.fitting.texts import recall_texts
from dure.truth import explain_text_answers

QUESTION = {"type": "text", "text": "What does the sign say?"}


def test_verdict_lists_the_texts_with_their_spellings():
    found = fit(question=QUESTION, counted=_counted())

    assert found.tasks == ["t1", "t2"]
    assert found.labels == ["Grand Hotel", "서울특별시"]
    assert (found.answers, found.method, found.version) == ([4, 3], "text-clusters", "1")
    assert (list(found.classes), list(found.posteriors)) == ([], [])
    value = found.values[0]
    assert value["share"] == 0.75
    assert [(one["text"], one["answers"], one["spellings"]) for one in value["texts"]] == [
        ("Grand Hotel", 3, ["Grand Hotle"]),
        ("asdf", 1, []),
    ]
    assert value["texts"][0]["probability"] == found.probabilities[0]
    assert found.probabilities[0] > 0.6 > 0.2 > value["texts"][1]["probability"]
    assert json.loads(json.dumps(found.values)) == found.values


def test_order_of_rows_makes_no_difference():
    counted = _counted()
    turned = Counted(counted.tasks[::-1], counted.workers[::-1], counted.values[::-1], counted.gold)

    assert (
        fit(question=QUESTION, counted=turned).digest()
        == fit(question=QUESTION, counted=counted).digest()
    )


def test_gold_comes_back_as_certain():
    found = fit(question=QUESTION, counted=_counted(gold={"t1": "asdf"}))

    assert (found.labels[0], found.probabilities[0]) == ("asdf", 1.0)
    assert found.values[0]["share"] == 0.25


def test_no_more_than_twenty_texts_are_listed():
    workers = [f"w{at:02}" for at in range(30)]
    counted = Counted(["t"] * 30, workers, [f"code {at}" for at in range(30)], {})

    found = fit(question=QUESTION, counted=counted)

    assert len(found.values[0]["texts"]) == 20


def test_what_is_kept_explains_the_verdict():
    counted = _counted()
    found = fit(question=QUESTION, counted=counted)
    learned = found.learned
    shared = json.loads(json.dumps(learned.shared))
    rows = [row for row, task in enumerate(counted.tasks) if task == "t1"]
    who = [list(learned.workers).index(counted.workers[row]) for row in rows]

    known = found.values[0]["known"]
    habits = recall_texts(shared, learned.concentrations[who].tolist(), known=known)
    explained = explain_text_answers(
        habits, np.arange(4, dtype=np.int32), [counted.values[row] for row in rows]
    )

    assert shared["kind"] == "text"
    # A run stays for good, so it holds nobody's words.
    spelt = json.dumps(shared, ensure_ascii=False)
    assert not any(text in spelt for text in counted.values)
    assert explained.text == found.labels[0]
    chance = [one["probability"] for one in found.values[0]["texts"]]
    rival = max(chance[1], 1.0 - sum(chance))
    assert explained.log_odds == pytest.approx(np.log(chance[0] / rival))


def _counted(gold=None):
    given = [
        ("t1", "ann", "Grand Hotel"),
        ("t1", "bo", "Grand Hotel"),
        ("t1", "cy", "Grand Hotle"),
        ("t1", "di", "asdf"),
        ("t2", "ann", "서울특별시"),
        ("t2", "bo", "서울특별시"),
        ("t2", "di", "부산광역시"),
    ]
    return Counted(*(list(column) for column in zip(*given, strict=True)), gold or {})
