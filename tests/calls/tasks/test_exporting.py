from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from dure import postgres
from dure.calls.copying import Form
from dure.calls.models import Call
from dure.calls.tasks.exporting import (
    stream_answers,
    stream_gold,
    type_of,
)
from dure.calls.tasks.exporting_verdicts import stream_verdicts
from dure.calls.tasks.importing import add_tasks
from dure.calls.tasks.models import Answer, AnswerText
from dure.calls.tasks.verdicts import decide_tasks
from dure.clock import now
from dure.doors.files.answers import read_answers, read_truth
from tests.doors.api.asking import give
from tests.factories import HOW_MANY, WHICH_NAME, make_call
from tests.serving import wait_until

FORMS = ("csv", "jsonl")
COPYING = """
select count(*)::int from pg_stat_progress_copy where datname = current_database()
"""
HARD_NAMES = ["plain", 'it\'s "quoted", so', "한글", "back\\slash", "{brace}", "x" * 100]


def table(stream: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(stream).decode())))


def lines(stream: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in b"".join(stream).splitlines()]


def document(stream: Any) -> dict[str, Any]:
    return dict(json.loads(b"".join(stream)))


def crowd_of(question: dict[str, Any] | None, *gifts: tuple[Any, ...]) -> Call:
    call = make_call(question=question)
    for gift in gifts:
        give(call, *gift)
    decide_tasks(call_id=call.pk)
    return call


def test_before_the_first_answer_every_task_is_there_and_nothing_is_said(live_db: str) -> None:
    call = make_call(n_tasks=1)

    assert document(stream_verdicts(call=call, form="json")) == {
        "as_of": None,
        "method": None,
        "version": None,
        "answers_seen": 0,
        "answers_total": 0,
        "verdicts": [
            {"task": "t1", "label": None, "probability": None, "answers": 0, "state": "open"}
        ],
    }
    assert b"".join(stream_verdicts(call=call, form="csv")) == (
        b"task,label,probability,answers,p:yes,p:no\nt1,,,0,,\n"
    )


def test_a_call_without_tasks_exports_no_rows(live_db: str) -> None:
    call = make_call(n_tasks=0)

    assert document(stream_verdicts(call=call, form="json"))["verdicts"] == []
    assert document(stream_answers(call=call, form="json")) == {"answers": []}
    assert lines(stream_answers(call=call, form="jsonl")) == []


def test_verdicts_say_the_same_in_every_format_to_the_last_bit(live_db: str) -> None:
    call = crowd_of(None, ("yes", "no"), ("yes", "yes"), ("yes", None), ("no", "yes"))

    whole = document(stream_verdicts(call=call, form="json"))
    as_lines = lines(stream_verdicts(call=call, form="jsonl"))
    as_table = table(stream_verdicts(call=call, form="csv"))

    assert (whole["answers_seen"], whole["answers_total"]) == (7, 7)
    assert [one["answers"] for one in whole["verdicts"]] == [4, 3, 0]
    for said, line, cells in zip(whole["verdicts"], as_lines, as_table, strict=True):
        assert {name: line[name] for name in ("task", "label", "probability", "answers")} == {
            name: said[name] for name in ("task", "label", "probability", "answers")
        }
        assert list(cells) == list(line)
        assert {
            name: None if value == "" else json.loads(value) if type_of(name) else value
            for name, value in cells.items()
        } == line
        if said["answers"]:
            assert line["p:yes"] + line["p:no"] == pytest.approx(1)
            assert said["probability"] == line[f"p:{said['label']}"]


def test_names_of_classes_survive_every_format(live_db: str) -> None:
    question = {"type": "choice", "text": "Which?", "options": HARD_NAMES}
    call = crowd_of(question, (HARD_NAMES[1],), (HARD_NAMES[1],))
    columns = ["task", "label", "probability", "answers"]

    as_lines = lines(stream_verdicts(call=call, form="jsonl"))
    as_table = table(stream_verdicts(call=call, form="csv"))

    assert sorted(as_lines[0]) == sorted([*columns, *(f"p:{name}" for name in HARD_NAMES)])
    assert list(as_table[0]) == list(as_lines[0])
    assert as_lines[0]["label"] == as_table[0]["label"] == HARD_NAMES[1]


def test_numbers_have_an_estimate_and_an_interval(live_db: str) -> None:
    call = crowd_of(HOW_MANY, (1.5,), (2,), (2.5,))

    verdict = document(stream_verdicts(call=call, form="json"))["verdicts"][0]

    assert list(verdict) == ["task", "estimate", "low", "high", "answers", "state"]
    assert verdict["low"] < verdict["estimate"] < verdict["high"]
    header = b"".join(stream_verdicts(call=call, form="csv")).splitlines()[0]
    assert header == b"task,estimate,low,high,answers"


def test_answers_come_in_their_order_with_the_clients_ids(live_db: str) -> None:
    call = make_call()
    first = give(call, "yes", None)
    second = give(call, "no")

    as_table = table(stream_answers(call=call, form="csv"))
    as_lines = lines(stream_answers(call=call, form="jsonl"))

    assert list(as_table[0]) == ["id", "task", "worker", "answer", "phase", "late", "at"]
    assert [row["id"] for row in as_table] == [*first, *second]
    assert [row["task"] for row in as_table] == ["t1", "t2", "t1"]
    assert [row["answer"] for row in as_table] == ["yes", "", "no"]
    assert [row["late"] for row in as_table] == ["false"] * 3
    assert as_table[0]["worker"] == as_table[1]["worker"] != as_table[2]["worker"]
    assert [line["answer"] for line in as_lines] == ["yes", None, "no"]
    assert as_lines == document(stream_answers(call=call, form="json"))["answers"]
    assert [
        {**line, "late": "false", "answer": line["answer"] or ""} for line in as_lines
    ] == as_table


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_reader_who_goes_away_in_the_middle_leaves_nothing_running(
    live_db: str, form: Form
) -> None:
    call = make_call(n_tasks=0)
    keys = [f"{n} {'x' * 90}" for n in range(30_000)]
    empty = ["{}"] * len(keys), ["null"] * len(keys)
    with postgres.connect("owner") as owner:
        owner.execute("select count(*) from tasks_add(%s, 1, %s, %s, %s)", [call.pk, keys, *empty])
        blocks = stream_verdicts(call=call, form=form)
        next(blocks)
        next(blocks)
        assert owner.execute(COPYING).fetchone() == (1,)

        # Not here: it would stay for ever.
        leaving = Thread(target=blocks.close, daemon=True)
        leaving.start()
        leaving.join(60)

        assert not leaving.is_alive()
        wait_until(lambda: owner.execute(COPYING).fetchone() == (0,))


def test_undone_answers_are_absent_and_superseded_ones_are_late(live_db: str) -> None:
    call = make_call()
    undone, superseded = give(call, "yes"), give(call, "no")
    Answer.objects.filter(call_id=call.pk, id=undone[0]).update(undone_seq=10**6, undone_at=now())
    Answer.objects.filter(call_id=call.pk, id=superseded[0]).update(
        superseded_seq=10**6 + 1, superseded_at=now()
    )

    assert [(row["id"], row["late"]) for row in table(stream_answers(call=call, form="csv"))] == [
        (superseded[0], "true")
    ]


def test_words_come_out_as_they_were_given_until_they_are_erased(live_db: str) -> None:
    call = make_call(question=WHICH_NAME)
    words = 'Two\nlines, "quoted" \\ and 두레'
    kept, erased = give(call, words), give(call, "Secret")
    AnswerText.objects.filter(answer_id=erased[0]).update(text=None, erased_at=now())

    as_table = table(stream_answers(call=call, form="csv"))
    as_lines = lines(stream_answers(call=call, form="jsonl"))

    assert [(row["id"], row["answer"]) for row in as_table] == [(kept[0], words), (erased[0], "")]
    assert [line["answer"] for line in as_lines] == [words, None]


RUNNING = ["=1+1", "-1", "'=1+1", "''@x", "-1-1"]


def test_no_cell_of_a_table_for_people_runs_and_each_can_be_read_back(
    live_db: str, tmp_path: Path
) -> None:
    call = make_call(n_tasks=0, question={"type": "choice", "text": "?", "options": RUNNING})
    tasks = [{"key": key, "content": {"text": "x"}, "gold": key} for key in RUNNING]
    add_tasks(call=call, rows=enumerate(tasks, start=1), strict=True, by="x")
    give(call, *RUNNING)
    decide_tasks(call_id=call.pk)
    files = {}
    for name, stream in {"answers": stream_answers, "gold": stream_gold}.items():
        for form in FORMS:
            files[name, form] = tmp_path / f"{name}.{form}"
            files[name, form].write_bytes(b"".join(stream(call=call, form=form)))

    cells = [
        cell
        for stream in (stream_verdicts, stream_answers, stream_gold)
        for row in table(stream(call=call, form="csv"))
        for cell in row.values()
    ]
    columns = {name: name for name in ("task", "worker", "answer")}
    answers = {form: read_answers(files["answers", form], columns=columns) for form in FORMS}
    gold = {form: read_truth(files["gold", form]) for form in FORMS}

    assert {"'=1+1", "-1", "''=1+1", "''" + "'@x", "'-1-1"} <= set(cells)
    assert [cell for cell in cells if cell[:1] in set("=+@-") and cell != "-1"] == []
    assert answers["csv"] == answers["jsonl"]
    assert sorted(answers["csv"].tasks) == sorted(RUNNING)
    assert gold["csv"] == gold["jsonl"]
    assert gold["csv"][0] == dict(zip(RUNNING, RUNNING, strict=True))
    assert [one["label"] for one in lines(stream_verdicts(call=call, form="jsonl"))] == RUNNING


def test_merged_persons_are_one_worker(live_db: str) -> None:
    call = make_call()
    give(call, "yes")
    give(call, "no")
    with postgres.connect("owner") as connection:
        connection.execute(
            "insert into people_personmerge (person_id, into_id)"
            " select max(id), min(id) from people_person"
        )

    assert len({row["worker"] for row in table(stream_answers(call=call, form="csv"))}) == 1


def test_an_export_shows_one_moment(live_db: str) -> None:
    call = crowd_of(None, ("yes",))
    stream = stream_verdicts(call=call, form="csv")
    header = next(stream)

    add_tasks(
        call=call, rows=[(1, {"key": "new", "content": {"text": "x"}})], strict=True, by="token:1"
    )

    assert [row["task"] for row in table([header, *stream])] == ["t1", "t2", "t3"]
    assert len(table(stream_verdicts(call=call, form="csv"))) == 4
