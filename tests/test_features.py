"""Pages ask for no camera, no place and no sensor, and say so; passkeys stay."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.factories import make_call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    ["/", "/c/{slug}/", "/c/{slug}/?embed=1", "/c/{slug}/about", "/account/login/", "/desk/",
     "/nowhere", "/static/dure/logo.svg", "/feed.atom"],
)  # fmt: skip
def test_every_page_switches_off_what_it_does_not_need(path: str) -> None:
    reply = Client().get(path.format(slug=make_call().slug))
    reply.close()

    policy = dict(re.findall(r"([\w-]+)=(\(\w*\))", reply.headers["Permissions-Policy"]))
    for name in ("camera", "microphone", "geolocation", "payment", "usb"):
        assert policy[name] == "()"
    for name in ("publickey-credentials-get", "publickey-credentials-create"):
        assert policy[name] == "(self)"


@pytest.mark.parametrize("path", ["/static/dure/base.css", "/embed.js"])
def test_what_pages_are_made_of_is_kept_short(path: str) -> None:
    reply = Client().get(path)
    reply.close()

    assert reply.status_code == 200
    assert "Permissions-Policy" not in reply.headers
