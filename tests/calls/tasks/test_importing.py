from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks import importing
from dure.calls.tasks.importing import Closed, NotAllGood, Refused, TooManyRows, add_tasks
from dure.calls.tasks.models import Tally, Task, TaskProgress
from dure.outbox.models import Event
from dure.people.models import AuditEntry
from tests.factories import HOW_MANY, WHICH_NAME, make_call


@dataclass(frozen=True)
class Bad:
    line: int
    reason: str


def row(key: str, text: str = "A gull", **more: Any) -> dict[str, Any]:
    return {"key": key, "content": {"text": text}, **more}


def add(call: Call, *rows: object, strict: bool = False) -> importing.Report:
    numbered = (one if isinstance(one, Bad) else (n, one) for n, one in enumerate(rows, start=2))
    return add_tasks(call=call, rows=numbered, strict=strict, by="token:1")  # type: ignore[arg-type]


def test_tasks_are_added_in_their_order_with_seats_for_the_maximum(db: None) -> None:
    call = make_call(n_tasks=0, answers_max=7)

    report = add(call, row("b", gold="yes"), row("a"), row("c"))

    assert report == importing.Report(added=3)
    tasks = Task.objects.order_by("id")
    assert list(tasks.values_list("key", "gold")) == [("b", "yes"), ("a", None), ("c", None)]
    assert [progress.capacity for progress in TaskProgress.objects.all()] == [7, 7, 7]
    assert Tally.objects.values("slot", "tasks", "events").get() == {
        "slot": 0,
        "tasks": 3,
        "events": 3,
    }
    assert AuditEntry.objects.values("action", "by", "facts").get() == {
        "action": "add tasks",
        "by": "token:1",
        "facts": {"added": 3},
    }
    assert Event.objects.get().topic == "tasks.add"


def test_adding_the_same_again_adds_nothing(db: None) -> None:
    call = make_call(n_tasks=0)
    add(call, row("a", gold="yes"), row("b"))

    report = add(call, row("b"), row("a", gold="yes"), row("a", gold="yes"), row("c"))

    assert report == importing.Report(added=1, same=3)
    assert Tally.objects.get().tasks == Task.objects.count() == TaskProgress.objects.count() == 3


def test_a_key_belongs_to_one_content(db: None) -> None:
    call = make_call(n_tasks=0)
    add(call, row("a"))

    report = add(call, row("a", "A cat"), row("a", gold="yes"), row("b"), row("b", "A cat"))

    taken = "The key {!r} is taken by a task with other content or gold; choose another key."
    assert report == importing.Report(
        added=1,
        refused_total=3,
        refused=[
            Refused(2, taken.format("a")),
            Refused(3, taken.format("a")),
            Refused(5, taken.format("b")),
        ],
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"key": ""}, "key should be a text of 1 to 200 letters; got ''."),
        ({"key": 7}, "key should be a text of 1 to 200 letters; got 7."),
        ({"key": "a\0"}, "key should be a text of 1 to 200 letters; got 'a\\x00'."),
        ({"colour": 1}, "A task has no field 'colour'; its fields are key, content, gold."),
        ({"content": {"text": ""}}, "content.text should not be empty."),
        (
            {"gold": "maybe"},
            "gold does not answer the question. Expected 'yes' or 'no'; got 'maybe'.",
        ),
    ],
)
def test_a_wrong_line_is_told_and_the_others_are_added(
    db: None, fields: dict[str, Any], reason: str
) -> None:
    call = make_call(n_tasks=0)

    report = add(call, row("a"), {**row("b"), **fields}, Bad(4, "It is torn."), row("d"))

    assert report == importing.Report(
        added=2, refused_total=2, refused=[Refused(3, reason), Refused(4, "It is torn.")]
    )


def test_one_bad_line_in_a_thousand_is_found_by_its_number(db: None) -> None:
    call = make_call(n_tasks=0)
    rows = [row(str(n)) for n in range(1000)]
    rows[637]["content"] = {}

    report = add(call, *rows)

    assert (report.added, [refused.line for refused in report.refused]) == (999, [639])


def test_strict_adds_all_or_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS_MAX", 2)
    call = make_call(n_tasks=0)
    good = [row(key) for key in "abcde"]

    with pytest.raises(NotAllGood) as refused:
        add(call, *good, row(""), strict=True)

    assert refused.value.report.refused == [
        Refused(7, "key should be a text of 1 to 200 letters; got ''.")
    ]
    assert not Task.objects.exists()
    assert not Tally.objects.exists()
    assert add(call, *good, strict=True).added == 5


def test_numbers_as_gold_may_be_written_as_text(db: None) -> None:
    call = make_call(n_tasks=0, question=HOW_MANY)

    report = add(
        call, row("a", gold="12"), row("b", gold="1.5"), row("c", gold=3), row("d", gold="x")
    )

    assert list(Task.objects.order_by("id").values_list("gold", flat=True)) == [12, 1.5, 3]
    assert report.refused == [
        Refused(5, "gold does not answer the question. Expected a number; got 'x'.")
    ]


def test_a_text_may_have_a_gold(db: None) -> None:
    call = make_call(n_tasks=0, question=WHICH_NAME)

    assert add(call, row("a", gold="Dure")).added == 1
    assert Task.objects.get().gold == "Dure"


@pytest.mark.parametrize("state", ["draft", "open", "paused"])
def test_a_call_that_is_not_closed_takes_tasks(db: None, state: str) -> None:
    assert add(make_call(n_tasks=0, state=state), row("a")).added == 1


def test_a_closed_call_takes_no_tasks_not_even_none(db: None) -> None:
    call = make_call(n_tasks=0, state="closed")

    for rows in ([row("a")], []):
        with pytest.raises(Closed):
            add(call, *rows)


def test_an_import_has_an_end(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ROWS_MAX", 2)

    with pytest.raises(TooManyRows) as refused:
        add(make_call(n_tasks=0), row("a"), row("b"), row("c"))

    assert refused.value.sentence == (
        "One import takes at most 2 tasks; those before stay, send the rest in pieces."
    )


def test_of_many_refused_lines_a_thousand_are_told(db: None) -> None:
    report = add(make_call(n_tasks=0), *(row("") for _ in range(1200)))

    assert (report.refused_total, len(report.refused)) == (1200, 1000)


def test_two_imports_at_once_add_each_task_once(
    live_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS_MAX", 20)
    monkeypatch.setattr(importing, "STATISTICS_ROWS_MIN", 1)
    call = make_call(n_tasks=0)
    rows = [row(str(n)) for n in range(400)]

    def import_them(number: int) -> tuple[int, int]:
        try:
            report = add(call, *(rows if number % 2 else rows[::-1]), strict=number > 1)
            return report.added, report.same
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(import_them, range(4)))

    assert [sum(count) for count in zip(*counts, strict=True)] == [400, 1200]
    assert Task.objects.count() == TaskProgress.objects.count() == Tally.objects.get().tasks == 400


def test_the_work_of_an_import_grows_with_its_tasks_and_not_with_their_square(
    live_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS_MAX", 100)
    call = make_call(n_tasks=0)

    add(call, *(row(str(n)) for n in range(3000)))
    add(call, *(row(str(n)) for n in range(3000)))

    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_force_next_flush()")
        cursor.execute(
            "select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'tasks_task'"
        )
        rows_read = cursor.fetchone()[0]
    assert 3000 <= rows_read <= 5 * 3000


def test_plans_are_right_directly_after_a_large_import(live_db: str) -> None:
    other, call = make_call(n_tasks=0), make_call(n_tasks=0)
    with postgres.connect("owner") as owner:
        owner.execute("alter table tasks_task set (autovacuum_enabled = off)")
        owner.execute("alter table tasks_taskprogress set (autovacuum_enabled = off)")

    add(other, *(row(str(n)) for n in range(1_000)))
    counted_early = rows_known()
    add(call, *(row(str(n)) for n in range(10_000)))

    assert counted_early == {"tasks_task": 1_000, "tasks_taskprogress": 1_000}
    assert rows_known() == {"tasks_task": 11_000, "tasks_taskprogress": 11_000}
    assert calls_known() == {other.pk, call.pk}


def test_statistics_are_left_alone_by_an_import_that_changes_little(live_db: str) -> None:
    add(make_call(n_tasks=0), *(row(str(n)) for n in range(10_100)))

    with connection.cursor() as cursor:
        renewed = []
        for added in (1_000, 1_010, 9_999, 10_000):
            cursor.execute("select tasks_analyze_after(%s)", [added])
            renewed.append(cursor.fetchone()[0])

    assert renewed == [False, True, True, True]


def rows_known() -> dict[str, float]:
    """How many rows the planner believes there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, reltuples from pg_class"
            " where relname in ('tasks_task', 'tasks_taskprogress')"
        )
        return dict(cursor.fetchall())


def calls_known() -> set[int]:
    """Whose tasks the planner knows of."""
    with postgres.connect("owner") as owner:
        found = owner.execute(
            "select most_common_vals::text::bigint[] from pg_stats"
            " where tablename = 'tasks_taskprogress' and attname = 'call_id'"
        ).fetchone()
    return set(found[0]) if found else set()
