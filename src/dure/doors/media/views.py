"""One file: with headers that let nothing run, and in the parts that players ask for."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from whitenoise.responders import MissingFileError, StaticFile

from dure.calls.media.storing import place_of
from dure.calls.models import Media
from dure.conditions import read_conditions
from dure.doors.files.streaming import stream_file

HEADERS = [
    ("Cache-Control", "public, max-age=31536000, immutable"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Content-Disposition", "inline"),
]


# Whoever sends something is told that this is the wrong way, not that a token is missing.
@csrf_exempt
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file of a token; its type is what we found it to be, not what anybody said."""
    media = Media.objects.filter(token=token).first()
    if media is None:
        raise Http404
    try:
        file = StaticFile(str(place_of(media)), [("Content-Type", media.type), *HEADERS])
    except (MissingFileError, OSError):
        raise Http404 from None
    found = file.get_response(request.method, read_conditions(file, request.META))
    if found.file is None:
        response: HttpResponseBase = HttpResponse(status=found.status)
    else:
        response = stream_file(request, found.file, status=found.status)
    for name, value in found.headers:
        response[name] = value
    return response
