"""The API put together: its routers, its errors, its document."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.parser import Parser

from dure import __version__
from dure.doors.api import (
    calls,
    documents,
    media,
    money,
    problems,
    results,
    settlements,
    tasks,
)
from dure.doors.api.schemas import Options
from dure.doors.api.signing import OrganiserToken
from dure.errors import Invalid, Malformed
from dure.nesting import read_json

View = Callable[..., HttpResponse]


class JsonParser(Parser):
    """Bodies are JSON objects, and what is wrong with them is told."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        try:
            body = read_json(request.body)
        except orjson.JSONDecodeError as error:
            raise Malformed(
                "The body is not JSON ({why}); send a JSON object.", why=error
            ) from None
        if not isinstance(body, dict):
            raise Invalid(
                "The body should be a JSON object; got a {type}.", type=type(body).__name__
            )
        return body


class OrganisersApi(NinjaAPI):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._documents: dict[str, Any] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> Any:
        """Made when it is first asked for: that takes long, and it is the same for everybody."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            made = super().get_openapi_schema(path_prefix=prefix)
            self._documents[prefix] = documents.mend(made)
        return self._documents[prefix]


def refuse_unknown_options(view: Callable[..., Any]) -> Callable[..., Any]:
    """A misspelt option would else be passed over in silence."""

    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        options = [value for value in named.values() if isinstance(value, Options)]
        known = {name for one in options for name in type(one).model_fields}
        unknown = sorted(set(request.GET) - known)
        if unknown:
            raise Invalid(
                "There is no option {name!r:.60} here; there is {known}.",
                name=unknown[0],
                known=", ".join(sorted(known)) or "none",
            )
        return view(request, *arguments, **named)

    return answer


def build() -> OrganisersApi:
    api = OrganisersApi(
        title="Dure",
        version=__version__,
        description="Open calls, add tasks, read what the crowd concludes.",
        parser=JsonParser(),
        auth=OrganiserToken(),
        docs_url=None,
        urls_namespace="api",
    )
    problems.install(api)
    api.add_decorator(refuse_unknown_options, mode="operation")
    api.add_router("/calls", calls.router)
    api.add_router("/calls", tasks.router)
    api.add_router("/calls", results.router)
    api.add_router("/calls", money.router)
    api.add_router("/calls", settlements.router)
    api.add_router("/media", media.router)
    return api


def routes() -> list[URLPattern | URLResolver]:
    """Everything under /api/; what is unknown there is a problem too, not a page."""
    patterns, app, namespace = build().urls
    for pattern in patterns:
        assert isinstance(pattern, URLPattern), "a router was nested"
        assert pattern.callback is not None, "a route without a view"
        # The root has nothing to show, yet the document needs its name to tell where it lies.
        is_root = pattern.name == "api-root"
        pattern.callback = problems.unknown_address if is_root else _with_problems(pattern.callback)
    return [
        path("api/v1/", (patterns, app, namespace)),
        re_path(r"^api/", problems.unknown_address),
    ]


def _with_problems(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        response = view(request, *arguments, **named)
        if isinstance(response, HttpResponseNotAllowed):
            return problems.refuse_method(response)
        return response

    return answer
