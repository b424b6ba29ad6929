"""The addresses of media."""

from __future__ import annotations

from django.urls import URLPattern, re_path

from dure.doors.media import views


def routes() -> list[URLPattern]:
    return [re_path(r"^media/(?P<token>[0-9a-f]{32})(?:\.[a-z0-9]{1,5})?$", views.show)]
