"""Taking a call to people: link, code, poster, embedding, a text for messengers."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from dure.calls.models import Call, State
from dure.doors.desk.board import head_of
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.wording.links import root_of
from dure.doors.wording.saying import SECONDS_OF_TYPE, read_text, spell_promise, spell_seconds
from dure.errors import WrongState
from dure.people.roles import Right

LANGUAGES = ("ko", "en")
# What leads every computer to itself.
OWN_HOSTS = ("localhost", "127.0.0.1", "::1")
# Of a printed code a quarter may be torn or dirty.
CODE_LEVEL = "q"
PNG_SCALE = 20


@require_safe
@at_desk(to_see=Right.READ)
def share(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    call = _shared(desk, call_id)
    address = join_address(request, call)
    title = read_text(call.title, own=call.language)
    root = address.removesuffix(reverse("join", args=[call.slug]))
    result = f"{root}{reverse('call-about', args=[call.slug])}"
    if call.state == State.CLOSED:
        message = _("%(title)s\nThe result: %(link)s") % {"title": title, "link": result}
    else:
        message = _("%(title)s\nTen seconds, no sign-up: %(link)s") % {
            "title": title, "link": tagged(address, "message"),
        }  # fmt: skip
    context = {
        **head_of(desk, call, part="share"),
        "address": address,
        "leads_nowhere": _leads_nowhere(address),
        "result": result,
        "tagged": [
            {"name": name, "address": tagged(address, tag)} for tag, name in _tags().items()
        ],
        "code": draw_code(tagged(address, "code")),
        "message": message,
        "element": f'<script type="module" src="{root}/embed.js"></script>\n'
        f'<dure-call slug="{call.slug}"></dure-call>',
        "frame": f'<iframe src="{address}?embed=1" title="{_escaped(str(title))}" '
        'width="100%" height="640" loading="lazy"></iframe>',
    }
    return render(request, "desk/share.html", context)


@require_safe
@at_desk(to_see=Right.READ)
def code(request: HttpRequest, desk: Desk, call_id: int, form: str) -> HttpResponse:
    """The link as a QR code to print: SVG for any size, PNG for programs that want dots."""
    call = _shared(desk, call_id)
    made = segno.make(tagged(join_address(request, call), "code"), error=CODE_LEVEL, micro=False)
    if form not in ("svg", "png"):
        raise Http404
    out = io.BytesIO()
    if form == "svg":
        made.save(out, kind="svg", scale=10, border=4, dark="#111", light="#fff")
    else:
        made.save(out, kind="png", scale=PNG_SCALE, border=4)
    types = {"svg": "image/svg+xml", "png": "image/png"}
    response = HttpResponse(out.getvalue(), content_type=types[form])
    response["Content-Disposition"] = f'attachment; filename="dure-{call.slug}.{form}"'
    return response


@require_safe
@at_desk(to_see=Right.READ)
def poster(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """A sheet of A4 for the wall, in the languages that the call speaks."""
    call = _shared(desk, call_id)
    address = join_address(request, call)
    context = {
        "desk": desk,
        "call": call,
        "parts": [_poster_part(call, language) for language in _languages(call)],
        "leads_nowhere": _leads_nowhere(address),
        "code": draw_code(tagged(address, "poster")),
        "address": address.removeprefix("https://").removeprefix("http://"),
    }
    return render(request, "desk/poster.html", context)


def join_address(request: HttpRequest, call: Call) -> str:
    return f"{root_of(request)}{reverse('join', args=[call.slug])}"


def tagged(address: str, tag: str) -> str:
    """The link with a tag, so that the board tells who came by what."""
    return f"{address}?from={tag}"


def name_way(tag: str) -> str:
    """How people came, as this page calls it; tags of the organiser's own stay as they are."""
    named = {
        "": _("plain link"),
        "code": _("Code for paper"),
        "simulated": _("simulated crowd"),
        **_tags(),
    }
    return named.get(tag, tag)


def draw_code(address: str) -> str:
    """A QR code as the address of a picture, with its quiet zone."""
    made = segno.make(address, error=CODE_LEVEL, micro=False)
    return str(made.svg_data_uri(scale=8, border=2, dark="#111", light="#fff"))


def _shared(desk: Desk, call_id: int) -> Call:
    call = desk.call(call_id)
    if call.state == State.DRAFT:
        raise WrongState("A draft has no link to share yet; open the call first.")
    return call


def _leads_nowhere(address: str) -> bool:
    """Whether the link opens on this computer alone, and on no phone."""
    return urlsplit(address).hostname in OWN_HOSTS


def _languages(call: Call) -> list[str]:
    if isinstance(call.title, dict):
        return [one for one in LANGUAGES if one in call.title] or list(LANGUAGES[:1])
    return [call.language if call.language in LANGUAGES else "en"]


def _poster_part(call: Call, language: str) -> dict[str, Any]:
    with override(language):
        return {
            "language": language,
            "title": read_text(call.title, own=call.language),
            "brief": read_text(call.brief, own=call.language),
            "promise": spell_promise(call.promise),
            "seconds": spell_seconds(SECONDS_OF_TYPE[call.question["type"]]),
        }


def _tags() -> dict[str, str]:
    return {
        "message": _("Messenger"),
        "mail": _("E-mail"),
        "poster": _("Poster"),
        "web": _("Website"),
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
