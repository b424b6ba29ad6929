"""/calls: make one, list them, read one, change a draft, lead it through its life."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Query, Router, Status

from dure.calls import life
from dure.calls.creating import change_draft, create_call
from dure.calls.models import Call
from dure.calls.queries import calls_of, find_call
from dure.calls.tasks.queries import count_work
from dure.doors.api.cursors import read_page
from dure.doors.api.documents import problems
from dure.doors.api.schemas import (
    CallChangeIn,
    CallId,
    CallIn,
    CallOut,
    CallsOut,
    CallsQuery,
    show_call,
)
from dure.doors.api.signing import name_of, organisation_of
from dure.doors.wording.links import root_of
from dure.errors import Invalid

router = Router(tags=["calls"])

REQUEST_KEY_LETTERS_MAX = 200
RequestKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="The same body with the same key makes one call, however often it is sent.",
    ),
]


@router.post("", response={201: CallOut, **problems(413, 422)}, summary="Make a call")
def create(request: HttpRequest, body: CallIn, idempotency_key: RequestKey = None) -> Any:
    if idempotency_key and len(idempotency_key) > REQUEST_KEY_LETTERS_MAX:
        raise Invalid("Idempotency-Key has at most {n} letters.", n=REQUEST_KEY_LETTERS_MAX)
    call = create_call(
        organisation=organisation_of(request),
        by=name_of(request),
        request_key=idempotency_key or "",
        **body.model_dump(),
    )
    return Status(201, _show(request, call))


@router.get("", response={200: CallsOut, **problems(422)}, summary="List the calls")
def list_calls(request: HttpRequest, page: Query[CallsQuery]) -> Any:
    calls = calls_of(organisation_of(request))
    shown, after = read_page(calls, cursor=page.cursor, limit=page.limit)
    work = count_work(call.pk for call in shown)
    address = root_of(request)
    return {
        "calls": [show_call(call, work=work[call.pk], address=address) for call in shown],
        "next": after,
    }


@router.get("/{call_id}", response={200: CallOut, **problems(404, 422)}, summary="Read a call")
def read(request: HttpRequest, call_id: CallId) -> Any:
    return _show(request, _find(request, call_id))


@router.patch(
    "/{call_id}",
    response={200: CallOut, **problems(404, 409, 413, 422)},
    summary="Change a draft",
)
def change(request: HttpRequest, call_id: CallId, body: CallChangeIn) -> Any:
    call = _find(request, call_id)
    given = body.model_dump(exclude_unset=True)
    return _show(request, change_draft(call=call, by=name_of(request), **given))


@router.post(
    "/{call_id}/open",
    response={200: CallOut, **problems(404, 409, 422)},
    summary="Open a call, or resume it",
)
def open_(request: HttpRequest, call_id: CallId) -> Any:
    """Opening an open call changes nothing. A call without tasks can't be opened."""
    return _show(request, life.open_call(call=_find(request, call_id), by=name_of(request)))


@router.post(
    "/{call_id}/pause",
    response={200: CallOut, **problems(404, 409, 422)},
    summary="Pause a call",
)
def pause(request: HttpRequest, call_id: CallId) -> Any:
    """Answers that come meanwhile are kept as late. Pausing a paused call changes nothing."""
    return _show(request, life.pause_call(call=_find(request, call_id), by=name_of(request)))


@router.post(
    "/{call_id}/close",
    response={200: CallOut, **problems(404, 409, 422)},
    summary="Close a call, for good",
)
def close(request: HttpRequest, call_id: CallId) -> Any:
    """Closing a closed call changes nothing."""
    return _show(request, life.close_call(call=_find(request, call_id), by=name_of(request)))


@router.post(
    "/{call_id}/reveal",
    response={200: CallOut, **problems(404, 409, 422)},
    summary="Let contributors see the others' contributions",
)
def reveal(request: HttpRequest, call_id: CallId) -> Any:
    """It can't be taken back; revealing again changes nothing."""
    return _show(request, life.reveal_call(call=_find(request, call_id), by=name_of(request)))


def _find(request: HttpRequest, call_id: int) -> Call:
    return find_call(organisation=organisation_of(request), call_id=call_id)


def _show(request: HttpRequest, call: Call) -> dict[str, Any]:
    return show_call(call, work=count_work([call.pk])[call.pk], address=root_of(request))
