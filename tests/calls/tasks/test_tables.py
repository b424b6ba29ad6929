"""The table of tasks: each task once over its pages, found by key, words, state and certainty."""

from __future__ import annotations

from typing import Any

import pytest

from dure.calls.models import Call
from dure.calls.tasks import verdicts
from dure.calls.tasks.models import Task, TaskProgress, Verdict
from dure.calls.tasks.rulings import NoSuchTask
from dure.calls.tasks.tables import ROWS, Filters, list_tasks, read_filters, read_task_in_full
from dure.errors import Invalid
from tests.calls.tasks.test_verdicts import crowd_answers
from tests.factories import WHICH_NAME, make_call

pytestmark = pytest.mark.usefixtures("live_db")


def keys(call: Call, **filters: Any) -> list[str]:
    """The keys over all pages."""
    found: list[str] = []
    after = ""
    while True:
        rows, cursor = list_tasks(call, Filters(**filters), after=after)
        found += [row.task.key for row in rows]
        if cursor is None:
            return found
        after = cursor


def test_pages_hold_each_task_once_in_the_order_added() -> None:
    call = make_call(n_tasks=2 * ROWS + 3)
    make_call(n_tasks=5)

    assert keys(call) == [f"t{n}" for n in range(1, 2 * ROWS + 4)]


def test_least_sure_come_first_over_all_pages() -> None:
    call = make_call(n_tasks=ROWS + 7)
    ids = list(Task.objects.filter(call=call).order_by("id").values_list("id", flat=True))
    Verdict.objects.bulk_create(
        Verdict(call_id=call.pk, task_id=task, label="yes", probability=0.5 + (n % 3) / 10,
                answers=2)
        for n, task in enumerate(ids)
    )  # fmt: skip

    found = keys(call, below=0.65)

    wanted = [n for n in range(ROWS + 7) if n % 3 == 0] + [n for n in range(ROWS + 7) if n % 3 == 1]
    assert found == [f"t{n + 1}" for n in wanted]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gull", ["t1"]),
        ("GU", ["t1"]),
        ("grey gu", ["t1"]),
        ("고양이", ["t2"]),
        ("t3", ["t3"]),
        ("it's 100%", []),
        ("!!!", []),
        ("' & | ! ( )", []),
    ],
)
def test_tasks_are_found_by_key_and_by_beginnings_of_words(words: str, found: list[str]) -> None:
    call = make_call(n_tasks=3)
    texts = ["A grey gull", "고양이가 앉아 있다", "Something else"]
    for key, text in zip(("t1", "t2", "t3"), texts, strict=True):
        Task.objects.filter(call=call, key=key).update(content={"text": text})

    assert keys(call, words=words) == found


def test_state_and_words_go_together() -> None:
    call = make_call(n_tasks=4)
    tasks = Task.objects.filter(call=call, key__in=["t2", "t3"]).values_list("id", flat=True)
    TaskProgress.objects.filter(task_id__in=list(tasks)).update(state="disputed")

    assert keys(call, state="disputed") == ["t2", "t3"]
    assert keys(call, state="disputed", words="task 3") == ["t3"]


@pytest.mark.parametrize("after", ["x", "1~x", "-5", "9" * 40, "2~3", "'"])
def test_mangled_place_is_refused_or_harmless(after: str) -> None:
    call = make_call(n_tasks=2)

    with pytest.raises(Invalid) as refused:
        list_tasks(call, Filters(), after=after)

    assert str(refused.value) == ("This page's address is damaged; go back to the first page.")


@pytest.mark.parametrize("below", ["x", "-1", "0", "1000", "nan", ""])
def test_filters_that_make_no_sense_are_left_out(below: str) -> None:
    assert read_filters(words=" a\0b ", state="king", below=below) == Filters(words="ab")


def test_task_in_full_has_its_answers_words_and_classes() -> None:
    call = make_call(n_tasks=1)
    crowd_answers(call, ["yes"], ["no"], [None])
    verdicts.decide_tasks(call_id=call.pk)
    task = Task.objects.get(call=call)

    found = read_task_in_full(call, task.id)

    assert [one.value for one in found.answers] == ["yes", "no", None]
    assert [one.is_counted for one in found.answers] == [True, True, False]
    assert sorted(found.classes) == ["no", "yes"]
    assert found.row.verdict is not None


def test_words_are_shown_and_foreign_tasks_are_unknown() -> None:
    call, other = make_call(n_tasks=1, question=WHICH_NAME), make_call(n_tasks=1)
    crowd_answers(call, ["Gully"])

    found = read_task_in_full(call, Task.objects.get(call=call).id)

    assert [one.value for one in found.answers] == ["Gully"]
    with pytest.raises(NoSuchTask):
        read_task_in_full(call, Task.objects.get(call=other).id)
