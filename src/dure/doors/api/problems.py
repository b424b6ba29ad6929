"""Every refusal as problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from dure.calls.media.storing import NotAllMedia
from dure.calls.tasks.importing import NotAllGood
from dure.errors import Away, Busy, Invalid, Malformed, NotSignedIn, Refusal, TooLarge, Unknown
from dure.postgres import find_loss

log = logging.getLogger(__name__)

RETRY_SECONDS = 1
FIELDS_SHOWN_MAX = 20
FIELD_LETTERS_MAX = 200


class NotAllowedHere(Refusal):
    """This address does not take that method; it takes {methods}."""

    code = "wrong-method"
    status = 405


class WrongBodyType(Refusal):
    """The body is of a type that can't be read here; send {types}."""

    code = "wrong-body-type"
    status = 415


class OurMistake(Refusal):
    """Something went wrong on our side; it is in the log, and nothing of the request was kept."""

    code = "our-mistake"
    status = 500


def reply(refusal: Refusal, **more: object) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": refusal.code,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.sentence,
        **more,
    }
    response = HttpResponse(
        orjson.dumps(body), status=refusal.status, content_type="application/problem+json"
    )
    if refusal.status == NotSignedIn.status:
        response["WWW-Authenticate"] = "Bearer"
    if refusal.status == Busy.status:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def install(api: NinjaAPI) -> None:
    """Have the API answer with these, whatever goes wrong."""
    for kind, tell in _TELLING.items():
        api.add_exception_handler(kind, _handler(tell))
    api.add_exception_handler(Exception, _tell_failure)


def ask_for_patience() -> HttpResponse:
    return reply(Away())


def own_up() -> HttpResponse:
    return reply(OurMistake())


def _handler(tell: Callable[[Any], HttpResponse]) -> Callable[[HttpRequest, Any], HttpResponse]:
    def answer(_request: HttpRequest, error: Any) -> HttpResponse:
        return tell(error)

    return answer


def refuse_method(response: HttpResponse) -> HttpResponse:
    """The framework's plain 405 as a problem, with the methods that there are."""
    methods = ", ".join(sorted(response["Allow"].split(", ")))
    refused = reply(NotAllowedHere(methods=methods))
    refused["Allow"] = methods
    return refused


def refuse_request(_request: HttpRequest, _error: Exception) -> HttpResponse:
    """What the framework refuses before any route is found, such as a Host that is not ours."""
    return reply(Malformed("The request has a header that is not allowed here, such as its Host."))


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    return reply(Unknown("There is nothing at {path!r}; see /api/v1/openapi.json.",
                         path=request.path[:200]))  # fmt: skip


def _refuse(refusal: Refusal) -> HttpResponse:
    if isinstance(refusal, NotAllGood):
        refused = [one._asdict() for one in refusal.report.refused]
        return reply(refusal, refused=refused, refused_total=refusal.report.refused_total)
    if isinstance(refusal, NotAllMedia):
        return reply(refusal, refused_files=[one._asdict() for one in refusal.report.refused])
    return reply(refusal)


def _refuse_fields(error: ValidationError) -> HttpResponse:
    """The fields that are wrong, each by its path and with a sentence."""
    fields = [_tell_field(one) for one in error.errors[:FIELDS_SHOWN_MAX]]
    first = fields[0]
    return reply(
        Invalid("{field}: {sentence}", field=first["field"], sentence=first["sentence"]),
        fields=fields,
    )


def _tell_field(error: dict[str, Any]) -> dict[str, str]:
    # The place begins with where the value was: body, query or path, then the parameter's name.
    where, *path = error["loc"]
    if where == "body":
        path = path[1:]
    sentence = str(error["msg"])
    if error["type"] == "missing":
        sentence = "This field is missing."
    elif error["type"] == "extra_forbidden":
        sentence = "There is no such field; leave it out."
    else:
        sentence = f"{sentence}."
    field = ".".join(map(str, path)) or str(where)
    return {"field": field[:FIELD_LETTERS_MAX], "sentence": sentence}


def _refuse_body(error: HttpError) -> HttpResponse:
    """The framework's own errors; it hides what our parser said behind one of them."""
    if isinstance(error.__cause__, Refusal):
        return reply(error.__cause__)
    if error.status_code == Malformed.status:
        return reply(Malformed())
    raise RuntimeError(f"an error of the framework that nothing here causes: {error}") from error


def _tell_failure(request: HttpRequest, error: Any) -> HttpResponse:
    if find_loss(error):
        # It is said at one place for all doors, and noted there once in a while.
        raise error
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return own_up()


_TELLING: dict[type[Exception], Callable[[Any], HttpResponse]] = {
    Refusal: _refuse,
    ValidationError: _refuse_fields,
    HttpError: _refuse_body,
    Http404: lambda _: reply(Unknown()),
    UnreadablePostError: lambda _: reply(Malformed("The connection ended before the body did.")),
    RequestDataTooBig: lambda _: reply(TooLarge(bytes_max=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)),
}
