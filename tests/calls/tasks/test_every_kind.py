"""Answers of every type through the database: a verdict, the same from its run, its exports."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from dure.calls.models import Call, Export
from dure.calls.tasks import answers, turns, verdicts
from dure.calls.tasks.exporting import stream_answers, stream_predictions, type_of
from dure.calls.tasks.exporting_verdicts import stream_verdicts
from dure.calls.tasks.exports import check_export
from dure.calls.tasks.models import AnswerText, RankedItem, Refit, Task, Verdict
from dure.calls.tasks.questions import TYPES
from dure.calls.tasks.results import compare_with_crowd, read_said, verdicts_of
from dure.calls.tasks.rulings import rule_task
from dure.clock import now
from dure.doors.files.parquet import stream_parquet
from tests.calls.tasks.test_verdicts import crowd_answers, states
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")

FRUIT = ["apple", "plum", "pear"]
APPLE = {"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2, "label": "apple"}
SHIFTED = {**APPLE, "x": 0.11, "w": 0.21}
PLUM = {"x": 0.6, "y": 0.6, "w": 0.3, "h": 0.2, "label": "plum"}


@dataclass(frozen=True)
class Kind:
    """A question, what its tasks show, four people's answers, and what they conclude of task t1."""

    question: dict[str, Any]
    contents: list[dict[str, Any]]
    columns: list[list[Any]]
    said: Any
    truth: Any
    header: str


TEXT = [{"text": "One"}, {"text": "Two"}]
KINDS = {
    "choice": Kind(
        {"type": "choice", "text": "?", "options": ["yes", "no"]}, TEXT,
        [["yes", "no"], ["yes", "no"], ["yes", "no"], ["no", "no"]],
        "yes", "no", "task,label,probability,answers,p:yes,p:no",
    ),
    "multi": Kind(
        {"type": "multi", "text": "?", "options": FRUIT}, TEXT,
        [[["apple", "plum"], []], [["plum", "apple"], []], [["apple", "plum"], []],
         [["apple"], ["pear"]]],
        ["apple", "plum"], ["pear"], "task,label,probability,answers,p:apple,p:pear,p:plum",
    ),
    "number": Kind(
        {"type": "number", "text": "?", "min": 0, "max": 100}, TEXT,
        [[10, 50], [12, 60], [11, 55], [13, 52]],
        None, 40, "task,estimate,low,high,answers",
    ),
    "text": Kind(
        {"type": "text", "text": "?"}, TEXT,
        [["두레 가게", "Haneul"], ["두레가게", "haneul"], [" 두레 가게 ", "Haneul"],
         ["모퉁이", "Sky"]],
        "두레 가게", "모퉁이", "task,label,probability,share,answers",
    ),
    "pair": Kind(
        {"type": "pair", "text": "?"},
        [{"left": "Ann", "right": {"image": "/media/b.png"}},
         {"left": {"image": "/media/b.png"}, "right": {"en": "Cleo", "ko": "클레오"}}],
        [["left", "left"], ["left", "left"], ["left", "same"], ["left", "left"]],
        "left", "right", "item,score,low,high,rank,comparisons,rank_low,rank_high,component",
    ),
    "rank": Kind(
        {"type": "rank", "text": "?"},
        [{"items": ["a", "b", "c"]}, {"items": ["b", "c", "d"]}],
        [[["a", "b", "c"], ["b", "c", "d"]], [["a", "b", "c"], ["b", "d"]],
         [["a", "b"], ["b", "c", "d"]], [["b", "a", "c"], ["c", "b", "d"]]],
        ["a", "b", "c"], ["c", "b", "a"],
        "item,score,low,high,rank,comparisons,rank_low,rank_high,component",
    ),
    "box": Kind(
        {"type": "box", "text": "?", "options": FRUIT},
        [{"image": "/media/a.png"}, {"image": "/media/b.png"}],
        [[[APPLE], []], [[SHIFTED], []], [[APPLE, PLUM], []], [[APPLE], []]],
        None, [PLUM], "task,x,y,w,h,label,probability,marked,answers",
    ),
}  # fmt: skip


def asked(kind: Kind, **fields: Any) -> Call:
    call = make_call(n_tasks=2, question=kind.question, answers_min=2, answers_max=4, **fields)
    for number, content in enumerate(kind.contents, start=1):
        Task.objects.filter(call=call, key=f"t{number}").update(content=content)
    crowd_answers(call, *kind.columns)
    return call


def decide(call: Call) -> Verdict:
    run = verdicts.decide_tasks(call_id=call.pk)
    assert run is not None
    assert verdicts.make_again(run).digest() == bytes(run.digest)
    return Verdict.objects.filter(call_id=call.pk).order_by("task_id")[0]


def test_every_type_of_question_is_tried_here() -> None:
    assert set(KINDS) == set(TYPES)


@pytest.mark.parametrize("name", KINDS)
def test_answers_become_a_verdict_that_is_made_again_to_the_same_bits(name: str) -> None:
    kind = KINDS[name]
    call = asked(kind)

    verdict = decide(call)

    (first, _second) = verdicts_of(call_id=call.pk, most=10)
    said = read_said(first, question=call.question)
    if name == "number":
        assert 0 <= verdict.low <= said <= verdict.high <= 100
        assert 10 <= said <= 13
    elif name == "box":
        (box,) = said
        assert box["label"] == "apple"
        assert box["x"] == pytest.approx(0.1, abs=0.02)
    else:
        assert said == kind.said
    assert verdict.answers == 4
    assert set(states(call)) <= {"decided", "disputed"}
    assert Refit.objects.get(call=call).summary["tasks"] == 2


@pytest.mark.parametrize("name", KINDS)
def test_ruling_is_what_the_next_fit_says(name: str) -> None:
    kind = KINDS[name]
    call = asked(kind)
    decide(call)
    task = Task.objects.get(call=call, key="t1")
    rule_task(call=call, task_id=task.id, value=kind.truth, reason="I know", by="account:1")

    decide(call)

    said = read_said(verdicts_of(call_id=call.pk, most=1)[0], question=call.question)
    if name == "number":
        assert said == 40
    elif name == "box":
        assert [box["label"] for box in said] == ["plum"]
    else:
        assert said == kind.truth
    assert states(call)[0] == "decided"


@pytest.mark.parametrize("name", KINDS)
def test_exports_have_the_columns_and_every_form_says_the_same(name: str) -> None:
    kind = KINDS[name]
    call = asked(kind)
    decide(call)

    table = b"".join(stream_verdicts(call=call, form="csv")).decode()
    lines = [
        json.loads(line) for line in b"".join(stream_verdicts(call=call, form="jsonl")).splitlines()
    ]
    whole = json.loads(b"".join(stream_verdicts(call=call, form="json")))
    parquet = b"".join(stream_parquet(stream_verdicts(call=call, form="table"), type_of=type_of))

    rows = list(csv.DictReader(io.StringIO(table)))
    assert sorted(table.splitlines()[0].split(",")) == sorted(kind.header.split(","))
    assert [list(line) for line in lines] == [list(row) for row in rows]
    for row, line in zip(rows, lines, strict=True):
        for column, cell in row.items():
            expected = line[column]
            if isinstance(expected, int | float):
                assert float(cell) == expected
            else:
                assert cell == ("" if expected is None else expected)
    assert parquet[:4] == b"PAR1"
    assert [one["task"] for one in whole["verdicts"]] == ["t1", "t2"]
    assert {one["state"] for one in whole["verdicts"]} <= {"decided", "disputed"}
    assert ("ranking" in whole) == (name in ("pair", "rank"))


@pytest.mark.parametrize("name", KINDS)
def test_before_the_first_answer_nothing_is_said(name: str) -> None:
    call = make_call(n_tasks=1, question=KINDS[name].question)
    Task.objects.filter(call=call).update(content=KINDS[name].contents[0])

    run = verdicts.decide_tasks(call_id=call.pk)

    assert run is not None
    assert run.answers_seen == 0
    assert states(call) == ["open"]
    whole = json.loads(b"".join(stream_verdicts(call=call, form="json")))
    assert whole["verdicts"][0]["answers"] == 0


def test_items_are_ranked_over_all_tasks_and_those_gone_leave_no_row() -> None:
    call = asked(KINDS["pair"])
    decide(call)

    items = list(RankedItem.objects.filter(call_id=call.pk).order_by("place"))

    assert [one.item for one in items] == ["Ann", "/media/b.png", "Cleo"]
    assert [one.rank for one in items] == [1, 2, 3]
    assert {one.component for one in items} == {0}
    assert all(one.rank_low <= one.rank <= one.rank_high for one in items)
    shown = Refit.objects.get(call=call).summary["ranking"]
    assert [one["is_picture"] for one in shown] == [False, True, False]
    assert [one["name"] for one in shown] == [None, None, {"en": "Cleo", "ko": "클레오"}]
    RankedItem.objects.create(
        call_id=call.pk, place=4, item="gone", score=0, rank=4, rank_low=4, rank_high=4,
        comparisons=0, component=1,
    )  # fmt: skip
    decide(call)
    assert RankedItem.objects.filter(call_id=call.pk).count() == 3


def test_answers_to_pairs_are_exported_with_what_was_compared() -> None:
    call = asked(KINDS["pair"], language="ko")

    rows = list(
        csv.DictReader(io.StringIO(b"".join(stream_answers(call=call, form="csv")).decode()))
    )

    assert {(row["task"], row["left"], row["right"]) for row in rows} == {
        ("t1", "Ann", "/media/b.png"),
        ("t2", "/media/b.png", "클레오"),
    }


def test_words_that_were_erased_say_nothing_any_more() -> None:
    call = asked(KINDS["text"])
    erased = AnswerText.objects.filter(call_id=call.pk, text="모퉁이")
    erased.update(text=None, erased_at=now())

    verdict = decide(call)

    assert verdict.answers == 3
    assert "모퉁이" not in json.dumps(verdict.value, ensure_ascii=False)


def test_words_that_were_erased_leave_a_verdict_that_says_nothing_else() -> None:
    call = asked(KINDS["text"])
    Call.objects.filter(pk=call.pk).update(state="closed")
    decide(call)
    assert call.pk not in verdicts.stirred_calls()

    AnswerText.objects.filter(call_id=call.pk).update(text=None, erased_at=now())
    assert Refit.objects.get(call=call).events < verdicts.mark_seen(call.pk).events
    verdicts.decide_tasks(call_id=call.pk)

    assert not Verdict.objects.filter(call_id=call.pk).exists()
    assert Refit.objects.get(call=call).summary["tasks"] == 0
    assert "두레" not in b"".join(stream_verdicts(call=call, form="json")).decode()


def test_calls_that_were_closed_before_they_could_have_verdicts_get_them_after_an_upgrade() -> None:
    calls = [asked(KINDS["text"]), asked(KINDS["choice"])]
    decide(calls[1])
    for call in calls:
        events = verdicts.mark_seen(call.pk).events
        Refit.objects.update_or_create(
            call=call, defaults={"events": events, "at": call.created_at, "seconds": 0}
        )
    upgrade = import_module("dure.calls.tasks.migrations.0018_look_at_calls_again")

    with connection.cursor() as cursor:
        cursor.execute(upgrade.LOOK_AGAIN)

    assert verdicts.stirred_calls() == [calls[0].pk]


def test_option_that_a_spreadsheet_would_run_is_made_plain_in_every_column() -> None:
    question = {"type": "choice", "text": "?", "options": ["yes", "=1+1"], "predict": True}
    call = make_call(n_tasks=1, question=question, answers_min=2, answers_max=6)
    for value in ("yes", "yes", "yes", "=1+1", "=1+1"):
        give_with_prediction(call, value, {"yes": 0.9})
    assert decide(call).value["surprising"] == "=1+1"

    (row,) = csv.DictReader(io.StringIO(b"".join(stream_verdicts(call=call, form="csv")).decode()))

    assert row["surprising"] == "'=1+1"


def test_predictions_are_heard_and_taken_home() -> None:
    question = {"type": "choice", "text": "?", "options": ["yes", "no"], "predict": True}
    call = make_call(n_tasks=1, question=question, answers_min=2, answers_max=6)
    for value, expected in [("yes", 0.9), ("yes", 0.8), ("yes", 0.9), ("no", 0.9), ("no", 0.8)]:
        give_with_prediction(call, value, {"yes": expected})

    verdict = decide(call)

    assert verdict.value["popular"] == "yes"
    assert verdict.value["surprising"] == "no"
    assert verdict.value["margin"] > 0
    header = b"".join(stream_verdicts(call=call, form="csv")).splitlines()[0]
    assert header.startswith(b"task,label,probability,answers,surprising,margin")
    check_export(call=call, what=Export.What.PREDICTIONS, form="csv")
    told = b"".join(stream_predictions(call=call, form="csv")).decode().splitlines()
    assert told[0] == "task,worker,value,prediction"
    assert sorted(line.split(",")[2:] for line in told[1:]) == sorted(
        ["yes", share] for share in ("0.9", "0.8", "0.9", "0.9", "0.8")
    )


def test_predictions_of_numbers_are_one_line_each() -> None:
    question = {"type": "number", "text": "?", "predict": True}
    call = make_call(n_tasks=1, question=question, answers_min=2, answers_max=6)
    for value, expected in [(10, 12), (11, 14), (9, 12.5)]:
        give_with_prediction(call, value, expected)

    verdict = decide(call)

    assert verdict.value is not None
    assert "pivot" in verdict.value
    told = b"".join(stream_predictions(call=call, form="jsonl")).splitlines()
    assert sorted(json.loads(line)["prediction"] for line in told) == [12, 12.5, 14]


def give_with_prediction(call: Call, value: Any, prediction: Any) -> None:
    key = answers.new_key()
    answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key))
    task = turns.lease_tasks(call_id=call.pk, key=key, n=1)["tasks"][0]["id"]
    given = [
        {
            "id": f"00000000-0000-4000-8000-{int.from_bytes(key[-4:].encode()):012d}",
            "task": task,
            "value": value,
            "prediction": prediction,
        }
    ]
    batch = answers.read_answers(question=call.question, given=given)
    assert turns.record_answers(call_id=call.pk, key=key, batch=batch)["accepted"]


def test_own_answers_agree_by_what_they_mean() -> None:
    for name, agreed in [("multi", 2), ("text", 2), ("pair", 2), ("rank", 2)]:
        call = asked(KINDS[name])
        decide(call)
        key = answers.new_key()
        joined = answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key))
        assert compare_with_crowd(call_id=call.pk, pseudonym=joined["contributor"]).compared == 0
        first = verdicts_of_first_person(call)
        found = compare_with_crowd(call_id=call.pk, pseudonym=first)
        assert (name, found.agreed, found.compared) == (name, agreed, 2)


def verdicts_of_first_person(call: Call) -> str:
    rows = json.loads(b"".join(stream_answers(call=call, form="json")))["answers"]
    return str(rows[0]["worker"])
