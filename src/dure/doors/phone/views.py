"""A call's page without JavaScript: see a task, answer it, take it back."""

from __future__ import annotations

import re
from typing import Any, cast
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dure.calls.tasks import answers, turns
from dure.calls.tasks.queries import count_answers_of
from dure.doors.phone import forms, installing, pages
from dure.doors.phone.closing import read_finished, show_finished
from dure.doors.phone.keys import read_key, set_key
from dure.doors.phone.showing import CallShown, show_call, show_task
from dure.doors.wording.funding import read_sums
from dure.errors import (
    Invalid,
    NotSignedIn,
    OutsideScope,
    Refusal,
    TooMany,
    Unknown,
    WrongState,
)
from dure.people.arrivals import arrivals, origins

# Messengers and search engines look at a link before people do: they get no task and no key.
PREVIEWERS = re.compile(
    r"bot\b|crawl|spider|preview|kakaotalk-scrap|facebookexternalhit|slack|whatsapp|telegram",
    re.IGNORECASE,
)
# As many as a number of 64 bits has.
TASK_DIGITS_MAX = 19
FATES = ("accepted", "late", "undone", "undo-over", "gone")


@require_safe
@never_cache
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """The link opens the first question itself."""
    key = read_key(request)
    if _only_looks(request):
        return _show_cover(request, slug)
    address = origins.group_of_meta(request.META)
    try:
        crowded = arrivals.admit(address, has_key=key is not None)
        fresh = None if crowded else answers.new_key()
        source = request.GET.get("from")
        query = answers.join_call(slug=slug, key=key, fresh_key=fresh, source=source)
        joined = _run_join(query, crowded)
    except Refusal as refusal:
        return _let_embed(request, _show_refusal(request, refusal))
    if fresh is not None and (joined["is_new"] or key is None):
        arrivals.count(address)
        key = fresh
    assert key is not None
    response = _show_next(request, joined, key)
    set_key(response, key)
    return _let_embed(request, response)


def _run_join(query: answers.Query, crowded: TooMany | None) -> Any:
    """Whoever's key is nobody's would be new, and waits as other new people do."""
    try:
        return answers.run(query)
    except NotSignedIn as refusal:
        raise (crowded or refusal) from None


@require_POST
def give_answer(request: HttpRequest, slug: str) -> HttpResponse:
    key = read_key(request)
    if key is None:
        return redirect("join", slug)
    try:
        joined = answers.run(answers.join_call(slug=slug, key=key, fresh_key=None))
        call = joined["call"]
        typed = request.POST.get("value", "")
        is_skip = "skip" in request.POST
        value = None if is_skip else forms.read_form(call["question"], request.POST)
        answer_id = answers.read_answer_id(request.POST.get("id"))
        given = {"id": answer_id, "task": _read_task(request), "value": value}
        if not is_skip and call["question"]["predict"]:
            given["prediction"] = forms.read_prediction(call["question"], request.POST)
        batch = answers.read_answers(question=call["question"], given=[given])
        if batch.refused:
            return _show_next(request, joined, key, typed=typed, answer_id=answer_id)
        reply = turns.record_answers(call_id=call["id"], key=key, batch=batch)
    except (NotSignedIn, OutsideScope):
        return redirect("join", slug)
    except Refusal as refusal:
        return _show_refusal(request, refusal)
    fate = "accepted" if reply["accepted"] else "late" if reply["late"] else "gone"
    return _see_other(slug, fate=fate, answer=answer_id)


@require_POST
def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    key = read_key(request)
    if key is None:
        return redirect("join", slug)
    try:
        call = answers.run(answers.find_call(slug=slug))
        if call is None:
            raise answers.NoSuchCall
        answer = answers.read_answer_id(request.POST.get("answer"))
        answers.run(answers.undo_answer(call_id=call["id"], key=key, answer=answer))
    except answers.UndoOver:
        return _see_other(slug, fate="undo-over")
    except (NotSignedIn, OutsideScope):
        return redirect("join", slug)
    except Refusal as refusal:
        return _show_refusal(request, refusal)
    return _see_other(slug, fate="undone")


def _show_next(
    request: HttpRequest,
    joined: dict[str, Any],
    key: str,
    *,
    typed: str | None = None,
    answer_id: str | None = None,
) -> HttpResponse:
    """The page with the task that is held or comes next; with what was typed, if that was wrong."""
    sums = read_sums(joined["call"]["id"], promise=joined["call"]["promise"])
    call = show_call(joined["call"], sums=sums)
    task, more = _lease_one(joined["call"], key)
    n_answers = count_answers_of(call_id=joined["call"]["id"], pseudonym=joined["contributor"])
    finished = None
    if call.state == "closed":
        finished = read_finished(call_id=joined["call"]["id"], pseudonym=joined["contributor"])
    fate = request.GET.get("fate", "")
    context = {
        "call": call,
        "task": task,
        "more": more,
        "shown": task and show_task(task["content"], question=call.question, own=call.language),
        # Made here and not when it is sent, so that a form sent twice is one answer.
        "answer_id": answer_id or uuid4(),
        "typed": typed or "",
        "advice": forms.advise(call.question) if typed is not None else "",
        "progress": forms.thank(n_answers),
        "fate": fate if fate in FATES else "",
        "undo": _read_undo(request) if fate in ("accepted", "late") else "",
        "n_answers": n_answers,
        "keep_after": pages.KEEP_AFTER,
        "finished": show_finished(finished, call) if finished else None,
        "languages": pages.show_languages(joined["call"], finished, sums=sums),
        "page": pages.page_for_phone(joined, key=key, task=task, more=more, n_answers=n_answers),
        "version": installing.version_of_files(),
        "modules": pages.modules_for(call.question),
        "is_embedded": "embed" in request.GET,
    }
    return render(request, "phone/call.html", context, status=422 if typed is not None else 200)


def _lease_one(call: dict[str, Any], key: str) -> tuple[dict[str, Any] | None, bool]:
    """The task if there is one now, and whether to ask for more."""
    if call["state"] != "open":
        return None, False
    try:
        reply = turns.lease_tasks(call_id=call["id"], key=key, n=1)
    except WrongState:
        # Paused or closed since we looked.
        return None, False
    tasks: list[dict[str, Any]] = reply["tasks"]
    return tasks[0] if tasks else None, bool(reply["more"])


def _show_cover(request: HttpRequest, slug: str) -> HttpResponse:
    """What a link preview sees: the call's title and brief, and no task of anybody's."""
    found = answers.run(answers.find_call(slug=slug))
    if found is None or found["state"] == "draft":
        return _show_refusal(request, answers.NoSuchCall())
    call: CallShown = show_call({**found, "slug": slug})
    return render(request, "phone/cover.html", {"call": call})


def _show_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    is_unknown = isinstance(refusal, Unknown | answers.NotOpenYet)
    status = 404 if is_unknown else refusal.status
    context = {
        "is_draft": isinstance(refusal, answers.NotOpenYet),
        "is_unknown": is_unknown,
        "is_crowded": isinstance(refusal, TooMany),
        "is_embedded": "embed" in request.GET,
    }
    response = render(request, "phone/refused.html", context, status=status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.wait_seconds)
    return response


def _see_other(slug: str, *, fate: str, answer: str | None = None) -> HttpResponse:
    query = f"?fate={fate}" + (f"&answer={answer}" if answer else "")
    return HttpResponse(status=303, headers={"Location": reverse("join", args=[slug]) + query})


def _let_embed(request: HttpRequest, response: Any) -> HttpResponse:
    """Anybody's page may hold this one in a frame; it shows nothing but tasks and takes answers.

    Where the browser keeps our cookie from such a frame, phone.js goes on by what it has stored.
    """
    if "embed" not in request.GET:
        return cast(HttpResponse, response)
    response.xframe_options_exempt = True
    response._csp_replace = {"frame-ancestors": ["*"]}  # noqa: SLF001  as csp_replace does
    return cast(HttpResponse, response)


def _read_undo(request: HttpRequest) -> str:
    """The answer that may be undone; nothing else of an address may come back in the page."""
    text = request.GET.get("answer", "")
    return text if answers.UUID_FORM.fullmatch(text) else ""


def _read_task(request: HttpRequest) -> int:
    text = request.POST.get("task", "")
    if not text.isascii() or not text.isdigit() or len(text) > TASK_DIGITS_MAX:
        raise Invalid("The form names no task; open the call again.")
    return int(text)


def _only_looks(request: HttpRequest) -> bool:
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    agent = request.headers.get("User-Agent", "")
    return request.method == "HEAD" or "prefetch" in purpose or bool(PREVIEWERS.search(agent))
