"""What links to this installation begin with."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def root_of(request: HttpRequest) -> str:
    """The public address, or the one of the request where none is set; no slash at its end."""
    return str(settings.PUBLIC_ADDRESS or request.build_absolute_uri("/")).rstrip("/")
