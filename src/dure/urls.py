"""Wiring: which door answers which address."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.views.defaults import bad_request, server_error
from django.views.i18n import set_language

from dure.away import ask_for_patience
from dure.doors.api import problems
from dure.doors.api.application import routes as api_routes
from dure.doors.desk.urls import routes as desk_routes
from dure.doors.media.urls import routes as media_routes
from dure.doors.phone.urls import routes as phone_routes
from dure.doors.square.urls import routes as square_routes
from dure.postgres import find_loss

urlpatterns: list[URLPattern | URLResolver] = [
    *api_routes(),
    *desk_routes(),
    *media_routes(),
    *phone_routes(),
    *square_routes(),
    path("language", set_language, name="set_language"),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that no route may see: a problem for programs, a page for people."""
    refuse = problems.refuse_request if request.path.startswith("/api/") else bad_request
    return refuse(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """What goes wrong anywhere, also before the view and after it."""
    is_api = request.path.startswith("/api/")
    if find_loss(sys.exception()) is None:
        return problems.own_up() if is_api else server_error(request)
    return problems.ask_for_patience() if is_api else ask_for_patience(request)
