"""A call as its organiser tries it before it opens: the real page, of which nothing is kept."""

from __future__ import annotations

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from dure.calls.models import Call
from dure.calls.queries import find_call
from dure.calls.tasks.models import Task
from dure.doors.phone import installing, pages
from dure.doors.phone.showing import show_call
from dure.errors import Refusal
from dure.people.models import Account
from dure.people.roles import memberships_of

TASKS_SHOWN = 10


@require_safe
@never_cache
@login_required
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": "'self'"})  # type: ignore[arg-type]
def preview(request: HttpRequest, call_id: int) -> HttpResponse:
    """The call's first tasks, one after the other, for members of its organisation alone."""
    assert isinstance(request.user, Account)
    call = _find(request.user, call_id)
    if call is None:
        return render(request, "phone/refused.html", {"is_unknown": True}, status=404)
    tasks = list(Task.objects.filter(call=call).order_by("id")[:TASKS_SHOWN])
    shown = {
        "id": call.pk, "slug": call.slug, "title": call.title, "brief": call.brief,
        "language": call.language, "state": "open", "visibility": call.visibility,
        "promise": call.promise, "question": call.question,
    }  # fmt: skip
    context = {
        "call": show_call(shown),
        "page": pages.page_for_preview(
            shown, tasks=[{"id": task.id, "content": task.content} for task in tasks]
        ),
        "version": installing.version_of_files(),
        "modules": pages.modules_for(call.question),
        "has_tasks": bool(tasks),
    }
    return render(request, "phone/preview.html", context)


def _find(account: Account, call_id: int) -> Call | None:
    for membership in memberships_of(account):
        try:
            return find_call(organisation=membership.organisation, call_id=call_id)
        except Refusal:
            continue
    return None
