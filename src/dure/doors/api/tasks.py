"""/calls/{id}/tasks: tasks as JSON, or as a CSV or JSONL body of any length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, cast

import orjson
from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router

from dure.calls.queries import find_call
from dure.calls.tasks.importing import Flawed, add_tasks
from dure.doors.api.documents import problems
from dure.doors.api.problems import WrongBodyType
from dure.doors.api.schemas import CallId, ImportOut, ImportQuery
from dure.doors.api.signing import name_of, organisation_of
from dure.doors.files.task_rows import read_task_rows
from dure.errors import Invalid, Malformed, TooLarge
from dure.nesting import read_json

router = Router(tags=["tasks"])

FILE_BYTES_MAX = 512 * 2**20
KINDS: dict[str, Literal["csv", "jsonl"]] = {
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/x-jsonlines": "jsonl",
}
JSON_TYPE = "application/json"
BODY = {
    "required": True,
    "content": {
        JSON_TYPE: {
            "schema": {
                "type": "object",
                "properties": {
                    "tasks": {
                        "type": "array",
                        "description": "Each {key, content, gold?}; one that is wrong is refused "
                        "by its place, and the others are added.",
                        "items": {},
                    }
                },
                "required": ["tasks"],
                "additionalProperties": False,
            },
            "example": {"tasks": [{"key": "1", "content": {"text": "A gull"}, "gold": "yes"}]},
        },
        "text/csv": {
            "schema": {"type": "string"},
            "example": "key,text,gold\n1,A gull,yes\n2,A cat,no\n",
        },
        "application/x-ndjson": {
            "schema": {"type": "string"},
            "example": '{"key": "1", "content": {"text": "A gull"}, "gold": "yes"}\n',
        },
    },
}


@router.post(
    "/{call_id}/tasks",
    response={200: ImportOut, **problems(404, 409, 413, 415, 422)},
    summary="Add tasks",
    openapi_extra={"requestBody": BODY},
)
def add(request: HttpRequest, call_id: CallId, options: Query[ImportQuery]) -> Any:
    """A key given twice is the same task, so the same file may be sent again.

    CSV has the columns key, gold (optional) and any of text, image, audio, video, left, right,
    items; UTF-8 with or without BOM.
    """
    call = find_call(organisation=organisation_of(request), call_id=call_id)
    report = add_tasks(
        call=call,
        rows=_read_rows(request),
        strict=options.strict in ("1", "true"),
        by=name_of(request),
    )
    return {
        "added": report.added,
        "same": report.same,
        "refused": [one._asdict() for one in report.refused],
        "refused_total": report.refused_total,
    }


def _read_rows(request: HttpRequest) -> Iterator[tuple[int, object] | Flawed]:
    kind = (request.content_type or JSON_TYPE).lower()
    if kind == JSON_TYPE:
        return enumerate(_read_document(request), start=1)
    if kind not in KINDS:
        raise WrongBodyType(types=", ".join([JSON_TYPE, *KINDS]))
    _check_length(request, bytes_max=FILE_BYTES_MAX)
    # The request reads like a file; the server has put a large body on disk.
    return read_task_rows(cast(Any, request), KINDS[kind])


def _read_document(request: HttpRequest) -> list[object]:
    _check_length(request, bytes_max=int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    try:
        document = read_json(request.body)
    except orjson.JSONDecodeError as error:
        raise Malformed("The body is not JSON ({why}); send a JSON object.", why=error) from None
    if not isinstance(document, dict) or set(document) != {"tasks"}:
        raise Invalid("The body should be an object with a list of tasks, and nothing else.")
    if not isinstance(document["tasks"], list):
        raise Invalid("tasks should be a list of objects with key, content and gold.")
    return document["tasks"]


def _check_length(request: HttpRequest, *, bytes_max: int) -> None:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > bytes_max:
        raise TooLarge(bytes_max=bytes_max)
