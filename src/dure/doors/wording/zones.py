"""The reader's time zone: by a cookie that the browser sets, else the installation's own."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

COOKIE = "dure-zone"


class ReadersZone(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> None:
        name = request.COOKIES.get(COOKIE, "")
        timezone.activate(ZoneInfo(name if name in _names() else settings.READERS_ZONE))

    def process_response(
        self,
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponseBase,
    ) -> HttpResponseBase:
        timezone.deactivate()
        return response


@cache
def _names() -> frozenset[str]:
    # Reading them takes some milliseconds; the list only changes with a new version.
    return frozenset(available_timezones())
