"""An organisation's calls, and the ways to begin a new one."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dure.calls import drafting
from dure.calls.creating import create_call
from dure.calls.finding import find_own_calls
from dure.calls.models import Call, State
from dure.calls.shares.inquiries import count_unanswered
from dure.calls.tasks.boards import Standing, standings_of
from dure.calls.tasks.importing import add_tasks
from dure.calls.tasks.queries import count_work
from dure.calls.texts import Words
from dure.doors.desk import beginnings
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.reading import read_id, read_once
from dure.doors.wording.saying import read_text, spell_number
from dure.people.models import Account
from dure.people.roles import Right, memberships_of

CALLS_PER_PAGE = 50
WORDS_LETTERS_MAX = 200
# Of so many of somebody's latest drafts it is asked whether they were left as they came.
UNTOUCHED_MAX = 5


@dataclass(frozen=True, slots=True)
class CallLine:
    call: Call
    title: Words
    answers: str
    standing: Standing
    n_unanswered: int


@login_required
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The one organisation of whoever comes, or a choice among several."""
    assert isinstance(request.user, Account)
    memberships = list(memberships_of(request.user))
    if len(memberships) == 1 and "choose" not in request.GET:
        return redirect("desk-calls", memberships[0].organisation.slug)
    return render(request, "desk/choose.html", {"memberships": memberships})


@require_safe
@at_desk(to_see=Right.READ)
def calls(request: HttpRequest, desk: Desk) -> HttpResponse:
    before = read_id(request.GET.get("before"))
    words = request.GET.get("words", "")[:WORDS_LETTERS_MAX]
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    found = find_own_calls(desk.organisation, words=words, state=state)
    if before is not None:
        found = found.filter(pk__lt=before)
    page = list(found[: CALLS_PER_PAGE + 1])
    shown = page[:CALLS_PER_PAGE]
    context = {
        "desk": desk,
        "tab": "calls",
        "lines": _lines(shown),
        "next": shown[-1].pk if len(page) > CALLS_PER_PAGE else None,
        "words": words,
        "state": state,
        "states": State,
        "is_filtered": bool(words.strip() or state),
        "filters": urlencode({"words": words, "state": state}),
    }
    return render(request, "desk/calls.html", context)


@at_desk(to_see=Right.EDIT)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Templates to begin from; choosing one makes a draft, with its examples as tasks."""
    if request.method != "POST":
        context = {
            "desk": desk,
            "tab": "calls",
            "beginnings": beginnings.all_beginnings(),
            "templates": drafting.templates_of(desk.organisation),
        }
        return render(request, "desk/new.html", context)
    untouched = _find_untouched(desk)
    once = read_once(request)
    if (template_id := read_id(request.POST.get("template"))) is not None:
        template = drafting.find_template(organisation=desk.organisation, template_id=template_id)
        call = create_call(
            organisation=desk.organisation,
            by=desk.by,
            kind="tasks",
            request_key=once,
            **template.fields,
        )
    else:
        begin = beginnings.find_beginning(request.POST.get("kind", ""))
        call = create_call(
            organisation=desk.organisation,
            by=desk.by,
            kind="tasks",
            request_key=once,
            **begin.fields(),
        )
        # A click of before may have led to a draft that has gone its own way since.
        if call.state == State.DRAFT and not call.tasks.exists():
            add_tasks(call=call, rows=enumerate(begin.tasks, start=1), strict=True, by=desk.by)
    for draft in untouched:
        # The same click may come again, and its draft is the one to stay.
        if draft.pk != call.pk:
            drafting.discard_draft(call=draft, by=desk.by)
    return redirect("desk-question", desk.organisation.slug, call.pk)


@require_POST
@at_desk(to_see=Right.EDIT)
def duplicate(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    made = drafting.duplicate_call(
        call=desk.call(call_id),
        by=desk.by,
        with_tasks="tasks" in request.POST,
        request_key=read_once(request),
    )
    messages.success(request, _("This is a copy, still a draft. Nobody sees it yet."))
    return redirect("desk-question", desk.organisation.slug, made.pk)


@require_POST
@at_desk(to_see=Right.EDIT)
def discard(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    drafting.discard_draft(call=desk.call(call_id), by=desk.by)
    messages.success(request, _("The draft is thrown away."))
    return redirect("desk-calls", desk.organisation.slug)


@require_POST
@at_desk(to_see=Right.EDIT)
def save_as_template(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    made = drafting.save_template(
        call=desk.call(call_id), name=request.POST.get("name", ""), by=desk.by
    )
    messages.success(
        request, _("Saved. “%(name)s” is now among your templates.") % {"name": made.name}
    )
    return redirect("desk-new", desk.organisation.slug)


@require_POST
@at_desk(to_see=Right.EDIT)
def remove_template(
    request: HttpRequest,  # noqa: ARG001
    desk: Desk,
    template_id: int,
) -> HttpResponse:
    drafting.remove_template(organisation=desk.organisation, template_id=template_id, by=desk.by)
    return redirect("desk-new", desk.organisation.slug)


def _find_untouched(desk: Desk) -> list[Call]:
    """Drafts of whoever stands here that were begun and left as they came; they would pile up."""
    begun = drafting.drafts_begun_by(desk.by, organisation=desk.organisation)
    templates = list(drafting.templates_of(desk.organisation))
    latest = begun[:UNTOUCHED_MAX]
    return [call for call in latest if beginnings.is_untouched(call, templates=templates)]


def _lines(shown: list[Call]) -> list[CallLine]:
    ids = [call.pk for call in shown]
    work, standings, unanswered = count_work(ids), standings_of(ids), count_unanswered(ids)
    return [
        CallLine(
            call,
            read_text(call.title, own=call.language),
            spell_number(work[call.pk]["counted"]),
            standings[call.pk],
            unanswered.get(call.pk, 0),
        )
        for call in shown
    ]
