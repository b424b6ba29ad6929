"""The table of a call's tasks, a page at a time by key set, fast also among a million."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import connection
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet

from dure.calls.models import Call
from dure.calls.tasks.models import (
    Answer,
    AnswerText,
    Phase,
    Ruling,
    Task,
    TaskProgress,
    TaskState,
    Verdict,
    VerdictRun,
)
from dure.calls.tasks.rulings import NoSuchTask
from dure.errors import Invalid
from dure.people.models import Contributor

ROWS = 50
WORDS_MAX = 8
# Up to so many finds are known by their numbers; see _worded.
FOUND_MAX = 2_000
ANSWERS_SHOWN_MAX = 200
CURSOR_FORM = re.compile(r"(?:([01](?:\.\d{1,20})?(?:e-\d{1,3})?)~)?(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for: any of words, a state, and how sure at most (a share below one)."""

    words: str = ""
    state: str = ""
    below: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    task: Task
    progress: TaskProgress
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Given:
    """One answer to a task, for the organiser: who by pseudonym, and whether it counts."""

    answer: Answer
    worker: str
    value: Any
    is_counted: bool


@dataclass(frozen=True, slots=True)
class TaskInFull:
    row: Row
    # The classes in the order of the verdict's posterior.
    classes: list[str]
    answers: list[Given]
    rulings: list[Ruling]


def list_tasks(call: Call, filters: Filters, *, after: str = "") -> tuple[list[Row], str | None]:
    """A page of tasks, and where the next one begins; the least sure first if that is asked for."""
    place = _read_cursor(after)
    if filters.below is not None:
        ids, cursor = _least_sure(call, filters, place)
    else:
        ids, cursor = _in_order(call, filters, place)
    return _rows(call, ids), cursor


def read_task_in_full(call: Call, task_id: int) -> TaskInFull:
    rows = _rows(call, [task_id])
    if not rows:
        raise NoSuchTask
    run = VerdictRun.objects.filter(call=call).order_by("-pk").only("classes").first()
    classes = run.classes if run else []
    return TaskInFull(rows[0], classes, _answers(call, task_id), _rulings(call, task_id))


def _in_order(
    call: Call, filters: Filters, place: tuple[float, int] | None
) -> tuple[list[int], str | None]:
    if filters.state and not filters.words:
        # By the index of states, which finds ten disputed ones among a million at once.
        progress = TaskProgress.objects.filter(call_id=call.pk, state=filters.state)
        if place:
            progress = progress.filter(task_id__gt=place[1])
        found = list(progress.order_by("task_id").values_list("task_id", flat=True)[: ROWS + 1])
    else:
        tasks = _matching(call, filters)
        if place:
            tasks = tasks.filter(id__gt=place[1])
        found = list(tasks.order_by("id").values_list("id", flat=True)[: ROWS + 1])
    ids = found[:ROWS]
    return ids, str(ids[-1]) if len(found) > ROWS else None


def _least_sure(
    call: Call, filters: Filters, place: tuple[float, int] | None
) -> tuple[list[int], str | None]:
    verdicts = Verdict.objects.filter(call_id=call.pk, probability__lt=filters.below)
    if filters.state:
        state = TaskProgress.objects.filter(
            call_id=OuterRef("call_id"), task_id=OuterRef("task_id"), state=filters.state
        )
        verdicts = verdicts.filter(Exists(state))
    if filters.words:
        tasks = Task.objects.filter(call_id=OuterRef("call_id"), id=OuterRef("task_id"))
        verdicts = verdicts.filter(Exists(_worded(call, tasks, filters.words)))
    if place:
        probability, task_id = place
        verdicts = verdicts.filter(
            Q(probability__gt=probability) | Q(probability=probability, task_id__gt=task_id)
        )
    found = list(
        verdicts.order_by("probability", "task_id").values_list("probability", "task_id")[
            : ROWS + 1
        ]
    )
    shown = found[:ROWS]
    cursor = f"{shown[-1][0]!r}~{shown[-1][1]}" if len(found) > ROWS else None
    return [task_id for _, task_id in shown], cursor


def _matching(call: Call, filters: Filters) -> QuerySet[Task]:
    tasks = Task.objects.filter(call=call)
    if filters.state:
        state = TaskProgress.objects.filter(
            call_id=OuterRef("call_id"), task_id=OuterRef("id"), state=filters.state
        )
        tasks = tasks.filter(Exists(state))
    return _worded(call, tasks, filters.words) if filters.words else tasks


def _worded(call: Call, tasks: QuerySet[Task], words: str) -> QuerySet[Task]:
    """Tasks whose key is just that, or whose key and texts have words that begin so."""
    beginnings = re.findall(r"\w+", words)[:WORDS_MAX]
    has_key = Q(key=words.strip())
    if not beginnings:
        return tasks.filter(has_key)
    query = " & ".join(f"{word}:*" for word in beginnings)
    found = _find(call, query)
    if len(found) <= FOUND_MAX:
        return tasks.filter(Q(id__in=found) | has_key)
    # So many have them that a walk through the tasks meets a page of them at once.
    has_words = SearchQuery(query, config="simple", search_type="raw")
    vector = Func(F("key"), F("content"), function="tasks_words", output_field=SearchVectorField())
    return tasks.alias(vector=vector).filter(Q(vector=has_words) | has_key)


def _find(call: Call, query: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select tasks_find(%s, to_tsquery('simple', %s), %s)",
            [call.pk, query, FOUND_MAX + 1],
        )
        return [task_id for (task_id,) in cursor.fetchall()]


def _rows(call: Call, ids: list[int]) -> list[Row]:
    tasks = {task.id: task for task in Task.objects.filter(call=call, id__in=ids)}
    progress = {
        one.task_id: one for one in TaskProgress.objects.filter(call_id=call.pk, task_id__in=ids)
    }
    verdicts = {
        one.task_id: one for one in Verdict.objects.filter(call_id=call.pk, task_id__in=ids)
    }
    return [Row(tasks[one], progress[one], verdicts.get(one)) for one in ids if one in progress]


def _answers(call: Call, task_id: int) -> list[Given]:
    """The answers that stand, in the order they came, with the words where they are words."""
    # Sorted here: the planner would else walk through a call's answers by their numbers.
    found = Answer.objects.filter(
        call_id=call.pk, task_id=task_id, undone_seq=None, superseded_seq=None
    )
    answers = sorted(found[:ANSWERS_SHOWN_MAX], key=lambda answer: answer.seq)
    workers = dict(
        Contributor.objects.filter(
            call_id=call.pk, id__in={answer.contributor_id for answer in answers}
        ).values_list("id", "pseudonym")
    )
    texts = dict(
        AnswerText.objects.filter(
            call_id=call.pk, answer_id__in=[answer.id for answer in answers]
        ).values_list("answer_id", "text")
    )
    return [
        Given(
            answer,
            workers[answer.contributor_id],
            texts.get(answer.id, answer.value),
            is_counted=not (answer.is_late or answer.is_skip) and answer.phase == Phase.FIRST,
        )
        for answer in answers
    ]


def _rulings(call: Call, task_id: int) -> list[Ruling]:
    return list(Ruling.objects.filter(call_id=call.pk, task_id=task_id).order_by("-id"))


def read_filters(*, words: str, state: str, below: str) -> Filters:
    """Filters as a page's address has them; what makes no sense is as if it was not there."""
    try:
        percent = float(below) if below else None
    except ValueError:
        percent = None
    is_share = percent is not None and 0 < percent <= 100
    return Filters(
        words=words.replace("\0", "").strip()[:200],
        state=state if state in TaskState.values else "",
        below=percent / 100 if is_share and percent is not None else None,
    )


def _read_cursor(after: str) -> tuple[float, int] | None:
    if not after:
        return None
    found = CURSOR_FORM.fullmatch(after)
    if not found:
        raise Invalid("This page's address is damaged; go back to the first page.")
    return float(found[1] or 0), int(found[2])
