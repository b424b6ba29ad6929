"""The addresses of the public pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dure.doors.square import views


def routes() -> list[URLPattern]:
    return [path("", views.front, name="front")]
