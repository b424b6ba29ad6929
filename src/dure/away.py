"""Wiring: what pages say while the database is away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import loader

AGAIN_SECONDS = 3


def ask_for_patience(request: HttpRequest) -> HttpResponse:
    """A page of itself alone: it asks for no session, no account and no language."""
    is_sent = request.method not in ("GET", "HEAD")
    page = loader.get_template("503.html").render({"is_sent": is_sent})
    response = HttpResponse(page, status=503)
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = str(AGAIN_SECONDS)
    if not is_sent:
        response["Refresh"] = str(AGAIN_SECONDS)
    return response
