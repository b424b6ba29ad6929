"""What machines read: feeds, the map of the site, the picture beside a link, the embedding code."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from dure.calls import finding
from dure.calls.models import Call, Kind, State
from dure.calls.promises import parts_of
from dure.calls.queries import open_calls
from dure.doors.square.pictures import draw_preview
from dure.doors.wording.links import root_of
from dure.doors.wording.saying import read_text, spell_promise, spell_promise_briefly
from dure.errors import Unknown
from dure.people.models import Organisation

ENTRIES = 50
ADDRESSES_MAX = 50_000
PICTURES_KEPT = 64
HOUR_SECONDS = 3600
CLOSED_DOORS = ("/desk/", "/account/", "/api/", "/collect/", "/keep/", "/earned")
LANGUAGES = ("ko", "en")
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@require_safe
@cache_control(max_age=300, public=True)
def feed(request: HttpRequest, form: str) -> HttpResponse:
    """The newest open calls, as Atom or RSS."""
    return _feed(request, form, list(open_calls()[:ENTRIES]), title=_("Open calls"), path="/")


@require_safe
@cache_control(max_age=300, public=True)
def organisation_feed(request: HttpRequest, slug: str) -> HttpResponse:
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    calls = list(finding.public_calls(found).filter(state=State.OPEN)[:ENTRIES])
    path = reverse("organisation", args=[slug])
    return _feed(request, "atom", calls, title=found.name, path=path)


@require_safe
@cache_control(max_age=HOUR_SECONDS, public=True)
def sitemap(request: HttpRequest) -> HttpResponse:
    body = "".join(_sitemap(root_of(request)))
    return HttpResponse(body, content_type="application/xml; charset=utf-8")


@require_safe
@cache_control(max_age=HOUR_SECONDS, public=True)
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        *(f"Disallow: {door}" for door in CLOSED_DOORS),
        f"Sitemap: {root_of(request)}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(max_age=HOUR_SECONDS, public=True)
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """What messengers show beside a call's link."""
    try:
        call = finding.find_public_call(slug)
    except Unknown:
        raise Http404 from None
    asked = request.GET.get("lang", "")
    language = asked if asked in LANGUAGES else call.language
    with override(language if language in LANGUAGES else "en"):
        drawn = _draw(
            str(read_text(call.title, own=call.language)),
            call.organisation.name,
            _promise_on_picture(call.promise),
            language,
        )
    response = HttpResponse(drawn, content_type="image/png")
    response["ETag"] = f'"{hashlib.sha256(drawn).hexdigest()[:16]}"'
    return response


@require_safe
@cache_control(max_age=HOUR_SECONDS, public=True)
def embed_script(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The element <dure-call>, for pages of anybody."""
    path = finders.find("dure/embed.js")
    assert isinstance(path, str), "embed.js is a file of ours"
    response = HttpResponse(Path(path).read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _promise_on_picture(promise: dict[str, Any]) -> str:
    """In full where that is one short sentence; two lines hold no more."""
    if [part["kind"] for part in parts_of(promise)] in ([], ["per_answer"]):
        return spell_promise(promise)
    briefly = spell_promise_briefly(promise)
    return briefly[:1].upper() + briefly[1:]


def _feed(
    request: HttpRequest, form: str, calls: list[Call], *, title: str, path: str
) -> HttpResponse:
    kinds: dict[str, type[Atom1Feed | Rss201rev2Feed]] = {"atom": Atom1Feed, "rss": Rss201rev2Feed}
    if form not in kinds:
        raise Http404
    root = root_of(request)
    made = kinds[form](
        title=f"{title} · Dure",
        link=f"{root}{path}",
        description=_("Help with something in ten seconds. No account needed."),
        language=get_language(),
        feed_url=f"{root}{request.path}",
    )
    for call in calls:
        made.add_item(**_entry(call, root))
    return HttpResponse(made.writeString("utf-8"), content_type=made.content_type)


def _entry(call: Call, root: str) -> dict[str, Any]:
    link = f"{root}{reverse('join', args=[call.slug])}"
    return {
        "title": _clean(str(read_text(call.title, own=call.language))),
        "link": f"{link}?from=feed",
        "unique_id": link,
        "description": _clean(str(read_text(call.brief, own=call.language))),
        "author_name": _clean(call.organisation.name),
        "pubdate": call.created_at,
        "updateddate": call.created_at,
    }


def _clean(text: str) -> str:
    """Without the signs that XML can't hold at all."""
    return NOT_XML.sub("", text)


def _sitemap(root: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    yield _address(f"{root}/")
    calls = Call.objects.filter(kind=Kind.TASKS).exclude(state=State.DRAFT).order_by("-pk")
    organisations = Organisation.objects.filter(pk__in=calls.values("organisation")).order_by("pk")
    for slug in organisations.values_list("slug", flat=True)[:ADDRESSES_MAX]:
        yield _address(root + reverse("organisation", args=[slug]))
    for slug in calls.values_list("slug", flat=True)[:ADDRESSES_MAX]:
        yield _address(root + reverse("call-about", args=[slug]))
    yield "</urlset>\n"


def _address(address: str) -> str:
    return f"<url><loc>{escape(address)}</loc></url>\n"


@lru_cache(maxsize=PICTURES_KEPT)
def _draw(title: str, organisation: str, promise: str, language: str) -> bytes:
    return draw_preview(title=title, organisation=organisation, promise=promise, language=language)
