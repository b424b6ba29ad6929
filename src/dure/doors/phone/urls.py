"""The addresses of a call's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from dure.doors.phone import installing, views


def routes() -> list[URLPattern]:
    return [
        path("c/worker.js", installing.worker, name="worker"),
        path("c/offline", installing.offline, name="offline"),
        path("c/app/<slug:version>/<str:name>", installing.phone_file, name="phone-file"),
        path("c/<slug:slug>/manifest.webmanifest", installing.manifest, name="manifest"),
        path("c/<slug:slug>/", views.join, name="join"),
        path("c/<slug:slug>/answer", views.give_answer, name="give-answer"),
        path("c/<slug:slug>/undo", views.take_back, name="take-back"),
    ]
