"""What makes the page an app of the phone: its files, its worker, its manifest."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from dure.calls.tasks import answers
from dure.doors.phone.showing import show_call

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
STYLES = ("phone.css",)
# What every page of ours loads, at the address where every page does.
SHARED = ("base.css", "parts.css", "logo.svg")
ICONS = ("icon-192.png", "icon-512.png", "icon-maskable.png")
YEAR_SECONDS = 365 * 24 * 3600


@xframe_options_exempt
@require_safe
@cache_control(max_age=YEAR_SECONDS, public=True, immutable=True)
def phone_file(_request: HttpRequest, version: str, name: str) -> HttpResponse:  # noqa: ARG001
    """A file under its version, so that a page and its modules are always of one piece."""
    path = _files().get(name)
    if path is None:
        raise Http404
    response: Any = HttpResponse(path.read_bytes(), content_type=TYPES[path.suffix])
    # A page's own rules hold for what it is made of; here they would be half of what is sent.
    response._csp_exempt = True  # noqa: SLF001  as csp_exempt does
    return cast(HttpResponse, response)


@require_safe
@never_cache
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker; it changes whenever a file does, and then fetches all of them anew."""
    setup = {
        "version": version_of_files(),
        "files": [
            *(address_of(name) for name in _files() if name not in ICONS),
            *(static(f"dure/{name}") for name in SHARED),
        ],
        "offline": reverse("offline"),
    }
    content = (
        f'import {{ serve }} from "{address_of("worker.js")}";\n'
        f"serve({orjson.dumps(setup).decode()});\n"
    )
    return HttpResponse(content, content_type=TYPES[".js"])


@require_safe
@cache_control(max_age=3600, public=True)
def manifest(_request: HttpRequest, slug: str) -> HttpResponse:
    """A call on the home screen: its own name, its own start."""
    found = answers.run(answers.find_call(slug=slug))
    if found is None or found["state"] == "draft":
        raise Http404
    call = show_call({**found, "slug": slug})
    content: dict[str, Any] = {
        "id": reverse("join", args=[slug]),
        "name": f"{call.title} · Dure",
        "short_name": str(call.title)[:24],
        "lang": call.title.language,
        "start_url": reverse("join", args=[slug]),
        "scope": "/c/",
        "display": "standalone",
        "background_color": "#fbfaf7",
        "theme_color": "#0b6e5f",
        "icons": [
            {"src": address_of("icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": address_of("icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {
                "src": address_of("icon-maskable.png"),
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
        ],
    }
    return HttpResponse(orjson.dumps(content), content_type="application/manifest+json")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the worker shows for a call that was never opened here, while there is no network."""
    return render(request, "phone/offline.html")


def address_of(name: str) -> str:
    return reverse("phone-file", args=[version_of_files(), name])


@cache
def version_of_files() -> str:
    content = hashlib.sha256()
    shared = {name: _find(f"dure/{name}") for name in SHARED}
    for name, path in sorted({**_files(), **shared}.items()):
        content.update(name.encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:12]


@cache
def _files() -> dict[str, Path]:
    """The page's own files by name; fixed while a server runs, and nothing else is served."""
    folder = _find("dure/phone/phone.js").parent
    modules = {path.name: path for path in sorted(folder.glob("*.js"))}
    return {**modules, **{name: _find(f"dure/{name}") for name in (*STYLES, *ICONS)}}


def _find(name: str) -> Path:
    found = finders.find(name)
    assert isinstance(found, str), name
    return Path(found)
