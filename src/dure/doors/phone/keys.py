"""The key by which a browser's person is known, as a cookie."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dure.calls.tasks.answers import KEY_COOKIE, KEY_COOKIE_SECONDS, KEY_PREFIX


def read_key(request: HttpRequest) -> str | None:
    key = request.COOKIES.get(KEY_COOKIE, "")
    return key if key.startswith(KEY_PREFIX) else None


def set_key(response: HttpResponseBase, key: str) -> None:
    response.set_cookie(
        KEY_COOKIE,
        key,
        max_age=KEY_COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.IS_HTTPS,
    )
