"""The page as an app of the phone: files under one version, a worker, a manifest, compressed."""

from __future__ import annotations

import gzip
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from dure.doors.phone.installing import address_of, version_of_files
from dure.doors.phone.pages import MODULES, MODULES_OF_TYPE
from tests.factories import make_call

pytestmark = pytest.mark.django_db


def test_files_come_under_their_version_for_ever_and_compressed(client: Client) -> None:
    response = client.get(address_of("phone.js"), headers={"Accept-Encoding": "gzip"})

    assert response.status_code == 200
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Cache-Control"] == "max-age=31536000, public, immutable"
    assert b'from "./queue.js"' in gzip.decompress(response.content)


def test_pictures_are_not_compressed_again(client: Client) -> None:
    response = client.get(address_of("icon-192.png"), headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in response
    assert response.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["settings.py", "types.d.ts", "..%2Fbase.css", "nothing.js"])
def test_nothing_but_the_pages_own_files_is_served(client: Client, name: str) -> None:
    assert client.get(f"/c/app/{version_of_files()}/{name}").status_code == 404


def test_worker_names_every_file_and_changes_with_them(client: Client) -> None:
    response = client.get("/c/worker.js")

    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    text = response.content.decode()
    assert version_of_files() in text
    named = set(re.findall(r'"(/(?:c/app|static)/[^"]+)"', text))
    wanted = {*MODULES, *(name for names in MODULES_OF_TYPE.values() for name in names)}
    assert {address_of(name) for name in (*wanted, "phone.js", "phone.css")} <= named
    assert {f"/static/dure/{name}" for name in ("base.css", "parts.css", "logo.svg")} <= named
    for address in named:
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address
        else:
            assert client.get(address).status_code == 200, address


def test_manifest_names_the_call_and_icons_of_our_own(client: Client) -> None:
    call = make_call(title={"en": "Birds", "ko": "새"})

    response = client.get(f"/c/{call.slug}/manifest.webmanifest")

    manifest = response.json()
    assert manifest["name"] == "Birds · Dure"
    assert manifest["start_url"] == f"/c/{call.slug}/"
    assert [client.get(icon["src"]).status_code for icon in manifest["icons"]] == [200, 200, 200]


def test_draft_has_no_manifest(client: Client) -> None:
    call = make_call(state="draft")

    assert client.get(f"/c/{call.slug}/manifest.webmanifest").status_code == 404


def test_page_without_network_says_so(client: Client) -> None:
    response = client.get("/c/offline", headers={"Accept-Language": "en"})

    assert "No connection" in response.content.decode()
