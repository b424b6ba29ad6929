"""/calls/{id}/verdicts and /answers: what the crowd concludes, and from what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from dure.calls.copying import Form
from dure.calls.models import Call
from dure.calls.queries import find_call
from dure.calls.tasks.exporting import stream_answers, stream_verdicts
from dure.doors.api.documents import files, problems
from dure.doors.api.schemas import AnswersOut, CallId, ExportQuery, VerdictsOut
from dure.doors.api.signing import organisation_of
from dure.doors.files.streaming import stream

router = Router(tags=["results"])


@router.get(
    "/{call_id}/verdicts",
    response={200: VerdictsOut, **problems(404, 409, 422)},
    summary="Read the verdicts",
    openapi_extra=files("task,label,probability,answers,p:yes,p:no\n1,yes,0.97,3,0.97,0.03\n"),
)
def verdicts(request: HttpRequest, call_id: CallId, options: Query[ExportQuery]) -> Any:
    """Every task in the order added; one without a verdict yet has nulls and no answers.

    Files have the columns task, label, probability, answers and one p:CLASS for each class, or
    for numbers task, estimate, low, high, answers. Other types have no model yet: 409.
    """
    call = _find(request, call_id)

    def make(form: Form) -> Iterator[bytes]:
        return stream_verdicts(call=call, form=form)

    return stream(request, make, form=options.format, name=f"verdicts-{call.slug}")


@router.get(
    "/{call_id}/answers",
    response={200: AnswersOut, **problems(404, 422)},
    summary="Read the answers",
    openapi_extra=files(
        "id,task,worker,answer,phase,late,at\n"
        "5f0c…,1,w3b1,yes,first,false,2026-11-23T09:00:00.000000Z\n"
    ),
)
def answers(request: HttpRequest, call_id: CallId, options: Query[ExportQuery]) -> Any:
    """In the order they came. A skip is empty, and so are words that were erased; undone answers
    are absent; `late` marks those that do not count since they came late or were superseded.
    """
    call = _find(request, call_id)

    def make(form: Form) -> Iterator[bytes]:
        return stream_answers(call=call, form=form)

    return stream(request, make, form=options.format, name=f"answers-{call.slug}")


def _find(request: HttpRequest, call_id: int) -> Call:
    return find_call(organisation=organisation_of(request), call_id=call_id)
