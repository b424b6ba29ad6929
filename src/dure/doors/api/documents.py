"""What the OpenAPI document says beyond the schemas: the problems that a route may answer with."""

from __future__ import annotations

from typing import Any

from dure.doors.api.schemas import Problem

# Every route needs a token and the database, and any request may be mangled (a wrong Host, say).
ALWAYS = (400, 401, 403, 503)
PROBLEM_TYPE = "application/problem+json"


def problems(*statuses: int) -> dict[int, Any]:
    return dict.fromkeys((*statuses, *ALWAYS), Problem)


def files(example: str) -> dict[str, Any]:
    """The other formats of an export, beside JSON."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "responses": {
            200: {
                "content": {
                    "text/csv": {"schema": {"type": "string"}, "example": example},
                    "application/x-ndjson": {"schema": {"type": "string"}},
                    "application/vnd.apache.parquet": binary,
                }
            }
        }
    }


def mend(document: dict[str, Any]) -> dict[str, Any]:
    """Problems have a media type of their own, which the framework does not know."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400 and "application/json" in response["content"]:
                    response["content"] = {PROBLEM_TYPE: response["content"]["application/json"]}
    return document
