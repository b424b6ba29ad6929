"""The wizard: the question, the tasks, the terms; each page a draft that is kept as it is typed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from babel import Locale, UnknownLocaleError
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from dure.calls import drafting
from dure.calls.creating import change_draft
from dure.calls.life import NothingToOpen, open_call
from dure.calls.models import Call, State
from dure.calls.tasks.importing import Report
from dure.calls.tasks.models import Task
from dure.calls.tasks.questions import TYPES, can_be_sure, can_check, ranks_items
from dure.calls.topics import TOPICS
from dure.doors.desk import forms, pasting
from dure.doors.desk.beginnings import examples_of
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.promised import fields_for
from dure.doors.desk.reckoning import reckon
from dure.doors.desk.terms import own_rule, read_terms, show_terms
from dure.doors.wording.saying import read_text
from dure.people.roles import Right

TASKS_SHOWN = 5
# Said by the page that asks whether to open a call whose tasks are but examples.
WITH_EXAMPLES = "with-examples"
STEPS = ("desk-question", "desk-add-tasks", "desk-terms")


@at_desk(to_see=Right.EDIT)
def question(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    call = desk.call(call_id)
    if call.state != State.DRAFT:
        return redirect("desk-board", desk.organisation.slug, call.pk)
    if request.method != "POST":
        typed = drafting.read_typed(call=call, page="question")
        form = forms.read_question(typed or forms.show_question(call), call=call)
        return _show_question(request, desk, call, form)
    form = forms.read_question(forms.read_typed(request.POST), call=call)
    is_stored = _keep(call, desk, "question", form)
    if "redraw" in request.POST:
        return _show_question(request, desk, call, form)
    if request.headers.get("HX-Request"):
        return _say_kept(request, form, is_stored=is_stored)
    if not is_stored:
        return _show_question(request, desk, call, form, status=422)
    return redirect("desk-add-tasks", desk.organisation.slug, call.pk)


@at_desk(to_see=Right.EDIT)
def put_in(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """Lines that were pasted become tasks; those that can't are told, and stay in their field."""
    call = desk.call(call_id)
    if request.method != "POST":
        return _show_tasks(request, desk, call)
    lines = request.POST.get("lines", "")
    if not lines.strip():
        if call.state == State.DRAFT:
            return redirect("desk-terms", desk.organisation.slug, call.pk)
        return _show_tasks(request, desk, call)
    report = drafting.add_own_tasks(
        call=call,
        rows=pasting.read_lines(lines, call=call),
        by=desk.by,
        examples=examples_of(call) if call.state == State.DRAFT else [],
    )
    if report.refused_total:
        left = pasting.lines_of(lines, [one.line for one in report.refused])
        return _show_tasks(request, desk, call, report=report, lines=left, status=422)
    say_added(request, report)
    onwards = "desk-terms" if "onwards" in request.POST else "desk-add-tasks"
    return redirect(onwards, desk.organisation.slug, call.pk)


@require_POST
@at_desk(to_see=Right.EDIT)
def clear_tasks(
    request: HttpRequest,  # noqa: ARG001
    desk: Desk,
    call_id: int,
) -> HttpResponse:
    """Take all tasks out of a draft."""
    drafting.remove_tasks(call=desk.call(call_id), by=desk.by)
    return redirect("desk-add-tasks", desk.organisation.slug, call_id)


@at_desk(to_see=Right.EDIT)
def terms(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    call = desk.call(call_id)
    if call.state != State.DRAFT:
        return redirect("desk-board", desk.organisation.slug, call.pk)
    if request.method != "POST":
        typed = drafting.read_typed(call=call, page="terms")
        form = read_terms(typed or show_terms(call), call=call)
        return _show_terms(request, desk, call, form)
    if request.POST.get("open") == WITH_EXAMPLES:
        return _open(request, desk, call_id)
    form = read_terms(forms.read_typed(request.POST), call=call)
    is_stored = _keep(call, desk, "terms", form)
    if request.headers.get("HX-Request"):
        return _say_kept(request, form, is_stored=is_stored, call=desk.call(call_id))
    if not is_stored:
        return _show_terms(request, desk, call, form, status=422)
    if "open" not in request.POST:
        messages.success(request, _("Kept as a draft. Nobody sees it yet."))
        return redirect("desk-calls", desk.organisation.slug)
    if examples := examples_of(call):
        context = {**frame(desk, call, step=2), "n_examples": len(examples)}
        return render(request, "desk/examples.html", context)
    return _open(request, desk, call_id)


def say_added(request: HttpRequest, report: Report) -> None:
    words = ngettext("%(n)s task added.", "%(n)s tasks added.", report.added)
    if report.same:
        words = f"{words} " + ngettext(
            "%(same)s was there already.", "%(same)s were there already.", report.same
        )
    messages.success(request, words % {"n": report.added, "same": report.same})


def _open(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    try:
        open_call(call=desk.call(call_id), by=desk.by)
    except NothingToOpen:
        messages.warning(request, _("It has no tasks yet. Add at least one, then open it."))
        return redirect("desk-add-tasks", desk.organisation.slug, call_id)
    messages.success(request, _("It is open. Share the link, and answers will come in here."))
    return redirect("desk-share", desk.organisation.slug, call_id)


def _keep(call: Call, desk: Desk, page: str, form: forms.Filled) -> bool:
    """What was typed is kept whatever it is; the call itself takes it as soon as it makes sense."""
    drafting.keep_typed(call=call, page=page, typed=form.typed)
    is_stored = forms.store(form, partial(change_draft, call=call, by=desk.by))
    if is_stored:
        # From here on the page shows the call itself, also what others change of it.
        drafting.forget_typed(call=call, page=page)
    return is_stored


def _say_kept(
    request: HttpRequest, form: forms.Filled, *, is_stored: bool, call: Call | None = None
) -> HttpResponse:
    context = {
        "is_stored": is_stored,
        "advices": list(form.advices.values()),
        "reckoning": reckon(call) if call else None,
    }
    response = render(request, "desk/_saved.html", context)
    if is_stored:
        response["HX-Trigger"] = "draft-saved"
    return response


def _show_question(
    request: HttpRequest, desk: Desk, call: Call, form: forms.Filled, *, status: int = 200
) -> HttpResponse:
    texts = [_texts_in(form, one) for one in form.languages]
    kind = form.get("type") or "choice"
    context = {
        **frame(desk, call, step=0),
        "form": form,
        "texts": texts,
        "kind": kind,
        "languages": [_name_language(one, form) for one in form.offered],
        "kinds": [{"value": one, "is_chosen": one == kind} for one in TYPES],
        "has_options": kind in forms.OPTION_TYPES,
        "numbers": {
            name: {"value": form.get(name), "advice": form.advices.get(name)}
            for name in ("min", "max", "step", "longest")
        },
        "predicts": kind in ("choice", "number"),
        "is_predicted": "predict" in form.typed,
    }
    return render(request, "desk/question.html", context, status=status)


def _name_language(code: str, form: forms.Filled) -> dict[str, Any]:
    """A language by its own name, as those who speak it look for it."""
    try:
        name = Locale.parse(code, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        name = None
    return {"code": code, "name": name or code, "is_chosen": code in form.languages}


def _texts_in(form: forms.Filled, language: str) -> dict[str, Any]:
    """The fields of one language, each with what was typed and what to mend."""
    fields: dict[str, Any] = {"code": language}
    for name in ("title", "brief", "text", "options", "unit"):
        key = f"{name}_{language}"
        fields[name] = {"value": form.get(key), "advice": form.advices.get(key)}
    return fields


def _show_tasks(
    request: HttpRequest,
    desk: Desk,
    call: Call,
    *,
    report: Report | None = None,
    lines: str = "",
    status: int = 200,
) -> HttpResponse:
    tasks = Task.objects.filter(call=call)
    shown = list(tasks.order_by("id")[:TASKS_SHOWN])
    kind = call.question["type"]
    context = {
        **frame(desk, call, step=1),
        "tasks": [pasting.show_line(task, call=call) for task in shown],
        "n_tasks": reckon(call).tasks,
        "are_examples": bool(examples_of(call)),
        "report": report,
        "lines": lines,
        "kind": kind,
        "ranks_items": ranks_items(call.question),
    }
    return render(request, "desk/add_tasks.html", context, status=status)


def _show_terms(
    request: HttpRequest, desk: Desk, call: Call, form: forms.Filled, *, status: int = 200
) -> HttpResponse:
    topics = form.typed.get("topics", [])
    context = {
        **frame(desk, call, step=2),
        "form": form,
        "care": form.get("care") or "exact",
        "can_be_sure": can_be_sure(call.question),
        "own_rule": own_rule(call),
        "exact": {"value": form.get("exact"), "advice": form.advices.get("exact")},
        "visibility": form.get("visibility") or "sealed",
        "promised": fields_for(form, promise=call.promise, can_check=can_check(call.question)),
        "topics": [
            {"value": value, "name": name, "is_chosen": value in topics}
            for value, name in TOPICS.items()
        ],
        "reckoning": reckon(call),
    }
    return render(request, "desk/terms.html", context, status=status)


def frame(desk: Desk, call: Call, *, step: int) -> dict[str, Any]:
    return {
        "desk": desk,
        "tab": "calls",
        "call": call,
        "title": read_text(call.title, own=call.language),
        "steps": list(_steps(step)),
    }


def _steps(current: int) -> Iterator[dict[str, Any]]:
    names = (_("Question"), _("Tasks"), _("Terms"))
    for place, (route, name) in enumerate(zip(STEPS, names, strict=True)):
        yield {"route": route, "name": name, "is_current": place == current}
