"""Wiring: which door answers which address."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from dure.doors.api.application import routes as api_routes

urlpatterns: list[URLPattern | URLResolver] = [*api_routes()]
