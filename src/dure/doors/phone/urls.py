"""The addresses of a call's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dure.doors.phone import views


def routes() -> list[URLPattern]:
    return [
        path("c/<slug:slug>/", views.join, name="join"),
        path("c/<slug:slug>/answer", views.give_answer, name="give-answer"),
        path("c/<slug:slug>/undo", views.take_back, name="take-back"),
    ]
