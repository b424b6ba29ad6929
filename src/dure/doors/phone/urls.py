"""The addresses of a call's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dure.doors.phone import views


def routes() -> list[URLPattern]:
    return [
        path("c/<str:slug>/", views.join, name="join"),
        path("c/<str:slug>/answer", views.give_answer, name="give-answer"),
        path("c/<str:slug>/undo", views.take_back, name="take-back"),
    ]
