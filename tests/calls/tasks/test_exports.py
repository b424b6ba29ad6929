"""Exports in the background: whole or not at all, told how far, honest when they fail."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from dure.calls.models import Export
from dure.calls.tasks import exports, verdicts
from dure.calls.tasks.exporting import stream_answers, stream_gold
from dure.clock import now
from dure.doors.desk.exports import write_form
from dure.errors import Invalid, Unknown, WrongState
from tests.calls.tasks.test_rulings import rule
from tests.calls.tasks.test_verdicts import crowd_answers
from tests.factories import WHICH_NAME, make_call

pytestmark = pytest.mark.usefixtures("live_db")


@pytest.mark.parametrize("form", exports.FORMS)
@pytest.mark.parametrize("what", ["answers", "verdicts", "gold"])
def test_file_holds_what_a_stream_would(what: str, form: str) -> None:
    call = make_call(n_tasks=2)
    crowd_answers(call, ["yes", "no"], ["yes", "yes"])
    rule(call)
    verdicts.decide_tasks(call_id=call.pk)
    made = exports.ask_for_export(call=call, what=what, form=form, by="x")

    exports.make_export(export_id=made.pk, write=write_form)

    made.refresh_from_db()
    content = exports.place_of(made).read_bytes()
    assert (made.state, made.bytes) == ("done", len(content))
    if form != "parquet":
        # The file is opened by spreadsheets too, and those ask for the mark of UTF-8.
        mark = codecs.BOM_UTF8 if form == "csv" else b""
        assert content == mark + b"".join(exports.stream_export(call, what)(form))
    else:
        assert content[:4] == content[-4:] == b"PAR1"


def test_failed_export_says_why_and_leaves_no_file() -> None:
    call = make_call(n_tasks=1)
    made = exports.ask_for_export(call=call, what="answers", form="csv", by="x")

    def break_off(make: Callable[..., Iterator[bytes]], form: str) -> Iterator[bytes]:
        yield b"half"
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        exports.make_export(export_id=made.pk, write=break_off)
    exports.fail_export(export_id=made.pk, reason="No space left on device")

    made.refresh_from_db()
    assert (made.state, made.reason) == ("failed", "No space left on device")
    assert not exports.place_of(made).exists()


def test_export_made_twice_is_one() -> None:
    call = make_call(n_tasks=1)
    made = exports.ask_for_export(call=call, what="answers", form="csv", by="x")
    exports.make_export(export_id=made.pk, write=write_form)
    exports.place_of(made).write_bytes(b"as it was")

    exports.make_export(export_id=made.pk, write=write_form)

    assert exports.place_of(made).read_bytes() == b"as it was"


def test_what_can_not_be_exported_is_refused_before() -> None:
    call = make_call(n_tasks=1, question=WHICH_NAME)

    for what, form, refusal in [
        ("all", "csv", Invalid),
        ("answers", "doc", Invalid),
        ("predictions", "csv", WrongState),
    ]:
        with pytest.raises(refusal):
            exports.ask_for_export(call=call, what=what, form=form, by="x")

    assert Export.objects.count() == 0


def test_old_files_go_and_foreign_exports_are_unknown() -> None:
    call = make_call(n_tasks=1)
    made = exports.ask_for_export(call=call, what="answers", form="csv", by="x")
    exports.make_export(export_id=made.pk, write=write_form)
    with pytest.raises(Unknown):
        exports.find_export(call=make_call(), export_id=made.pk)

    assert exports.drop_old_exports() == 0
    Export.objects.update(at=now() - timedelta(days=8))
    assert exports.drop_old_exports() == 1
    assert not exports.place_of(made).exists()


def test_formulas_are_defused_in_words_alone() -> None:
    words = make_call(n_tasks=1, question=WHICH_NAME)
    crowd_answers(words, ["=1+1"], ["-1"], ["-1+1"], ["@x"], ["plain"])
    numbers = make_call(n_tasks=1, question={"type": "number", "text": "How many?"})
    crowd_answers(numbers, [-1])

    def cells(call: object, form: str) -> list[str]:
        lines = b"".join(stream_answers(call=call, form=form)).decode().splitlines()[1:]
        return [line.split(",")[3] for line in lines]

    assert cells(words, "csv") == ["'=1+1", "-1", "'-1+1", "'@x", "plain"]
    assert cells(words, "table") == ["=1+1", "-1", "-1+1", "@x", "plain"]
    assert cells(numbers, "csv") == ["-1"]


def test_gold_is_what_came_with_tasks_unless_it_was_ruled() -> None:
    call = make_call(n_tasks=2)
    call.tasks.filter(key="t1").update(gold="yes")
    call.tasks.filter(key="t2").update(gold="yes")
    rule(call)

    assert b"".join(stream_gold(call=call, form="csv")) == b"task,truth\nt1,no\nt2,yes\n"
