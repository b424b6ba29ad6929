"""The table of a call's tasks, and one task with everything that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.calls.models import Call, State
from dure.calls.tasks.models import TaskState
from dure.calls.tasks.questions import can_be_sure
from dure.calls.tasks.rulings import rule_task
from dure.calls.tasks.tables import Row, list_tasks, read_filters, read_task_in_full
from dure.calls.tasks.weights import weigh_answers
from dure.doors.desk.board import head_of
from dure.doors.desk.cards import Part, TaskCard, show_card, spell_value
from dure.doors.desk.naming import name_things
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.ruling import read_ruling, show_ruling
from dure.doors.desk.verdicts.brief import head_sure, say_briefly
from dure.doors.desk.verdicts.parts import Drawn
from dure.doors.desk.verdicts.pictures import draw_verdict
from dure.doors.desk.weighing import say_known, show_pulls
from dure.doors.wording.refusals import spell_refusal
from dure.doors.wording.saying import read_text
from dure.errors import Invalid
from dure.people.roles import Right

PERCENTS = (60, 80, 95)
# What the weights of answers are told of, where a verdict is of several things.
ABOUT = ("label", "item", "box")


@dataclass(frozen=True, slots=True)
class Line:
    """A task's row: what it shows, what is concluded of it in words, and how sure."""

    card: TaskCard
    state: str
    state_name: str
    verdict: str
    sure: str
    counted: int
    most: int


@require_safe
@at_desk(to_see=Right.READ)
def table(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    call = desk.call(call_id)
    asked = {name: request.GET.get(name, "")[:200] for name in ("words", "state", "below")}
    filters = read_filters(**asked)
    rows, cursor = list_tasks(call, filters, after=request.GET.get("after", ""))
    kept = {name: value for name, value in asked.items() if value}
    context = {
        **head_of(desk, call, part="tasks"),
        "lines": [show_row(row, call=call) for row in rows],
        "filters": filters,
        "below": asked["below"],
        "percents": PERCENTS,
        "states": [(state, name_state(state, call)) for state in _states_of(call)],
        "sure_head": head_sure(call),
        "is_filtered": bool(kept),
        "next": urlencode({**kept, "after": cursor}) if cursor else "",
        "is_first": not request.GET.get("after"),
    }
    return render(request, "desk/tasks.html", context)


@at_desk(to_see=Right.READ, to_do=Right.EDIT)
def task(request: HttpRequest, desk: Desk, call_id: int, task_id: int) -> HttpResponse:
    """A task in full; an editor may rule it, with a reason."""
    call = desk.call(call_id)
    # Not called advice: every field of the page, also of its menu, would show it.
    refused = ""
    if request.method == "POST":
        try:
            rule_task(
                call=call,
                task_id=task_id,
                value=read_ruling(call, request.POST.getlist("value")),
                reason=request.POST.get("reason", ""),
                by=desk.by,
            )
        except Invalid as refusal:
            refused = spell_refusal(refusal)
        else:
            messages.success(request, _("Ruled. From now on this counts as the truth."))
            return redirect("desk-task", desk.organisation.slug, call.pk, task_id)
    sent = request.POST.getlist("value") if refused else None
    about = next((request.GET[name] for name in ABOUT if name in request.GET), "")
    context = _task_context(desk, call, task_id, sent=sent, about=about)
    more = {"refused": refused, "reason": request.POST.get("reason", "")}
    return render(request, "desk/task.html", context | more, status=422 if refused else 200)


def show_row(row: Row, *, call: Call) -> Line:
    brief = say_briefly(row.verdict, task=row.task, call=call)
    return Line(
        show_card(row.task, call=call),
        row.progress.state,
        name_state(TaskState(row.progress.state), call),
        brief.words,
        brief.sure,
        row.progress.counted,
        row.progress.capacity,
    )


def name_state(state: TaskState, call: Call) -> str:
    """A task that its call was closed without deciding gets no more answers."""
    is_left = state == TaskState.OPEN and call.state == State.CLOSED
    return _("undecided") if is_left else str(state.label)


def _states_of(call: Call) -> list[TaskState]:
    """A verdict that has no probability is never disputed."""
    may_dispute = can_be_sure(call.question)
    return [state for state in TaskState if may_dispute or state != TaskState.DISPUTED]


def _task_context(
    desk: Desk, call: Call, task_id: int, *, sent: list[str] | None, about: str
) -> dict[str, Any]:
    found = read_task_in_full(call, task_id)
    names = name_things([ruling.by for ruling in found.rulings])
    weighed = weigh_answers(call=call, task_id=task_id, about=about)
    shown = {one.answer.id for one in found.answers}
    pulls = show_pulls(weighed, call=call, shown=shown) if weighed else None
    drawn = draw_verdict(found, call=call)
    return {
        **head_of(desk, call, part="tasks"),
        "line": show_row(found.row, call=call),
        "parts": _parts_beside(show_card(found.row.task, call=call), drawn),
        "task": found.row.task,
        "gold": spell_value(found.row.task.gold, call=call),
        "asked": read_text(call.question["text"], own=call.language),
        "drawn": drawn,
        "known": say_known(weighed, call=call),
        "pulls": pulls,
        "answers": [
            {
                "given": one,
                "words": spell_value(one.value, call=call),
                "is_skip": one.answer.is_skip,
                "is_late": one.answer.is_late,
                "pull": pulls.of_answer.get(one.answer.id) if pulls else None,
            }
            for one in found.answers
        ],
        "rulings": [
            {
                "ruling": one,
                "words": spell_value(one.value, call=call),
                "by": names.get(one.by, one.by),
            }
            for one in found.rulings
        ],
        "form": show_ruling(call=call, task=found.row.task, verdict=found.row.verdict, sent=sent),
    }


def _parts_beside(card: TaskCard, drawn: Drawn | None) -> list[Part]:
    """The parts of a task that the picture of its verdict does not show already."""
    return [part for part in card.parts if not (drawn and part.place in drawn.shows)]
