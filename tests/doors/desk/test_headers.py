"""What every page of the desk and the square tells browsers: whose code runs, who may frame it."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponseBase
from django.test import Client

from tests.doors.desk.places import Place, make_town
from tests.doors.desk.test_permits import sign_in

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self' https: data:",
    "media-src": "'self' https:",
    "object-src": "'none'",
}
OTHERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# The wizard shows it in a frame of its own.
FRAMED = {"call-preview"}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=|javascript:")
# Data for the page's code, which no browser runs.
DATA = re.compile(r'<script[^>]*type="application/(?:ld\+)?json"[^>]*>')


def test_every_page_lets_only_our_own_code_run_and_nobody_frame_it() -> None:
    town = make_town()
    owner = sign_in("owner", town)
    seen, faults = [], []

    for place in town.places():
        # Looking must not sign anybody out, or in.
        client = Client() if place.name == "account_reset_password_from_key" else owner
        reply = client.get(place.path, place.asked)
        if reply.status_code == 405:
            continue
        seen.append(place.name)
        faults += faults_of(place, reply)

    assert not faults, "\n".join(faults)
    assert {"desk-calls", "desk-board", "desk-question", "mfa_add_webauthn", "front"} <= set(seen)


@pytest.mark.parametrize("path", ["/desk/nowhere/", "/o/nowhere/", "/c/nowhere/about"])
def test_pages_of_what_is_not_there_are_as_strict(path: str) -> None:
    town = make_town()

    reply = sign_in("owner", town).get(path)

    assert reply.status_code == 404
    assert faults_of(Place("refused", path, {}, None), reply) == []


def faults_of(place: Place, reply: HttpResponseBase) -> list[str]:
    """What of the page's headers and text differs from what it should be."""
    is_framed = place.name in FRAMED
    policy = POLICY | ({"frame-ancestors": "'self'"} if is_framed else {})
    others = OTHERS | ({"X-Frame-Options": "SAMEORIGIN"} if is_framed else {})
    told = dict(
        one.strip().split(" ", 1) for one in reply.headers["Content-Security-Policy"].split(";")
    )
    found = [f"{place.name}: {told}"] if told != policy else []
    found += [
        f"{place.name}: {name} {reply.headers.get(name)}"
        for name, value in others.items()
        if reply.headers.get(name) != value
    ]
    is_private = place.name.startswith(("desk", "account_", "mfa_", "call-preview"))
    if is_private and not is_kept_by_nobody(reply):
        found.append(f"{place.name}: may be kept: {reply.headers.get('Cache-Control')}")
    if reply.headers.get("Content-Type", "").startswith("text/html"):
        text = DATA.sub("", reply.getvalue().decode())
        found += [f"{place.name}: {one.group()}" for one in INLINE.finditer(text)]
    elif reply.streaming and not reply.is_async:
        reply.getvalue()
    return found


def is_kept_by_nobody(reply: HttpResponseBase) -> bool:
    return "no-store" in reply.headers.get("Cache-Control", "")
