"""/calls/{id}/verdicts and /answers: what the crowd concludes, and from what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from dure.calls.copying import Form
from dure.calls.models import Call, Export
from dure.calls.queries import find_call
from dure.calls.tasks.exporting import stream_answers, stream_predictions
from dure.calls.tasks.exporting_verdicts import stream_verdicts
from dure.calls.tasks.exports import check_export
from dure.doors.api.documents import files, problems
from dure.doors.api.schemas import AnswersOut, CallId, ExportQuery, PredictionsOut, VerdictsOut
from dure.doors.api.signing import organisation_of
from dure.doors.files.streaming import stream

router = Router(tags=["results"])


@router.get(
    "/{call_id}/verdicts",
    response={200: VerdictsOut, **problems(404, 422)},
    summary="Read the verdicts",
    openapi_extra=files("task,label,probability,answers,p:yes,p:no\n1,yes,0.97,3,0.97,0.03\n"),
)
def verdicts(request: HttpRequest, call_id: CallId, options: Query[ExportQuery]) -> Any:
    """Every task in the order added; one without a verdict yet has nulls and no answers.

    Files have the columns task, label, probability, answers and one p:CLASS for each class; for
    numbers task, estimate, low, high, answers; for texts task, label, probability, share, answers;
    for pairs and rankings a line for each item: item, score, low, high, rank, comparisons; for
    boxes a line for each box: task, x, y, w, h, label, probability, marked, answers.
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


@router.get(
    "/{call_id}/predictions",
    response={200: PredictionsOut, **problems(404, 409, 422)},
    summary="Read what people expected of the others",
    openapi_extra=files("task,worker,value,prediction\n1,w3b1,yes,0.7\n1,w3b1,no,0.3\n"),
)
def predictions(request: HttpRequest, call_id: CallId, options: Query[ExportQuery]) -> Any:
    """A line for each option that a person gave a share to; for numbers one, without a value.
    409: the question asks for no predictions.
    """
    call = _find(request, call_id)
    check_export(call=call, what=Export.What.PREDICTIONS, form=options.format)

    def make(form: Form) -> Iterator[bytes]:
        return stream_predictions(call=call, form=form)

    return stream(request, make, form=options.format, name=f"predictions-{call.slug}")


def _find(request: HttpRequest, call_id: int) -> Call:
    return find_call(organisation=organisation_of(request), call_id=call_id)
