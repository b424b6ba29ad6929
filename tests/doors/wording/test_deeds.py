"""Each deed that code writes into the history has a sentence, and so has each fact of it."""

from __future__ import annotations

import ast
from pathlib import Path

from django.utils.translation import override

import dure
from dure.calls.creating import FIELDS
from dure.calls.models import Call, CallChange
from dure.calls.shares.settlements import Step
from dure.doors.desk import noting
from dure.doors.wording.deeds import COLUMNS, DEEDS, FACTS, find_deeds, spell_deed, spell_facts

SOURCE = Path(dure.__file__).parent
RECORDERS = {"record", "record_change", "record_own"}
ALWAYS = {"organisation", "by", "action", "thing", "account"}


def recordings() -> list[dict[str, ast.expr]]:
    """The named arguments of each call of the audit log, but within the log itself."""
    return [
        {one.arg: one.value for one in node.keywords if one.arg}
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in RECORDERS
        and ast.unparse(node.func.value) == "audit"
    ]


def actions_of(given: ast.expr) -> set[str]:
    if isinstance(given, ast.Constant):
        return {given.value}
    if ast.unparse(given) == "f'{step.value} call'":
        return {f"{step} call" for step in CallChange.Step.values}
    if ast.unparse(given) == "f'{step.value} settlement'":
        return {f"{step} settlement" for step in Step}
    if isinstance(given, ast.IfExp):
        return actions_of(given.body) | actions_of(given.orelse)
    assert ast.unparse(given) == "action", "write the action out, so that it is found here"
    return noting.ACTIONS


def test_each_deed_that_is_written_has_its_sentence_and_no_other_has_one() -> None:
    written = set().union(*(actions_of(one["action"]) for one in recordings()))

    assert written == set(DEEDS)


def test_each_fact_and_each_column_that_is_written_has_its_word() -> None:
    columns = {field.column for field in Call._meta.get_fields() if hasattr(field, "column")}

    assert {name for one in recordings() for name in one} - ALWAYS == set(FACTS)
    assert set(COLUMNS) <= columns
    assert {name for name in FIELDS if name != "answers"} <= set(COLUMNS)


def test_deeds_are_found_by_the_words_that_are_shown() -> None:
    with override("ko"):
        assert spell_deed("close call") == "일을 마감했어요"
        assert find_deeds("마감") == ["close call"]
        assert find_deeds("close") == []
    with override("en"):
        assert find_deeds("CLOSED a") == ["close call"]
        assert spell_deed("a deed of an older Dure") == "a deed of an older Dure"


def test_facts_are_told_in_words() -> None:
    facts = {"changed": ["brief", "title"], "added": 1234, "before": "reader", "value": None}

    with override("ko"):
        assert list(spell_facts(facts)) == [
            ("바꾼 것", "설명, 제목"), ("개수", "1,234"), ("이전", "열람자"),
        ]  # fmt: skip


def test_table_for_people_is_named_among_what_was_taken_home() -> None:
    with override("en"):
        assert list(spell_facts({"what": "table", "form": "csv"})) == [
            ("What of it", "results as a table"),
            ("As", "CSV"),
        ]
