"""Feeds, the map of the site and pictures tell of what is public, and of nothing else."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from django.test import Client

from dure.doors.square import feeds
from tests.calls.test_settling import POOL
from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.django_db


def make_calls() -> None:
    harbour = make_organisation("harbour")
    for state in ("draft", "open", "paused", "closed"):
        make_call(n_tasks=0, organisation=harbour, slug=state, state=state,
                  title=f"{state} <&> \x0b \uffff\ufffe 새")  # fmt: skip


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.rss", "/o/harbour/feed.atom"])
def test_feed_is_well_formed_and_holds_open_calls_alone(path: str) -> None:
    make_calls()

    content = Client().get(path).content

    ElementTree.fromstring(content)
    assert set(re.findall(r"/c/(\w+)/", content.decode())) == {"open"}


def test_map_of_the_site_names_what_has_opened() -> None:
    make_calls()
    make_organisation("quiet")

    content = Client().get("/sitemap.xml").content

    places = [
        one.text for one in ElementTree.fromstring(content).iter() if (one.text or "").strip()
    ]
    assert places == [
        "http://testserver/", "http://testserver/o/harbour/",
        *(f"http://testserver/c/{slug}/about" for slug in ("closed", "paused", "open")),
    ]  # fmt: skip


def test_robots_are_kept_from_the_doors_that_are_not_public() -> None:
    lines = Client().get("/robots.txt").content.decode().splitlines()

    assert "Disallow: /desk/" in lines
    assert "Disallow: /earned" in lines
    assert lines[-1] == "Sitemap: http://testserver/sitemap.xml"


def test_picture_of_a_call_is_there_and_of_a_draft_is_not() -> None:
    make_calls()

    shown = Client().get("/c/open/preview.png?lang=ko")

    assert shown.content.startswith(b"\x89PNG")
    assert "ETag" in shown.headers
    assert Client().get("/c/draft/preview.png").status_code == 404


def test_picture_tells_of_several_promises_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    per_answer = {"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}
    told = []
    monkeypatch.setattr(feeds, "_draw", lambda *words: told.append(words[2]) or b"")
    for slug, promise in {
        "one": per_answer, "pool": POOL, "both": {"kind": "several", "parts": [per_answer, POOL]},
    }.items():  # fmt: skip
        make_call(n_tasks=0, slug=slug, promise=promise)
        Client().get(f"/c/{slug}/preview.png?lang=en")

    assert told == [
        "₩50 for each answer that counts.",
        "A share of ₩100,001",
        "₩50 an answer + a share of ₩100,001",
    ]


@pytest.mark.parametrize("path", ["/feed.doc", "/o/nowhere/feed.atom", "/c/nowhere/preview.png"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_embedding_code_may_be_loaded_by_any_page() -> None:
    reply = Client().get("/embed.js")

    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert b"dure-call" in reply.content
