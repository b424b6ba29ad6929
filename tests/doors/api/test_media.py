"""Uploads over the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dure.calls.media import storing
from tests.calls.media import corpus
from tests.doors.api.asking import Organiser
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "media_folder", lambda: tmp_path / "media")


def send(organiser: Organiser, *files: tuple[str, bytes], query: str = "") -> Any:
    form = {"file": [SimpleUploadedFile(name, content) for name, content in files]}
    return organiser.client.post(f"/api/v1/media{query}", form)


def test_files_of_a_form_are_stored_and_their_addresses_given() -> None:
    organiser = Organiser(make_organisation())

    reply = send(organiser, ("a.png", corpus.picture("PNG")), ("b.svg", b"<svg/>"))

    assert reply.status_code == 200
    body = reply.json()
    [added] = body["added"]
    assert added == {
        "name": "a.png", "address": added["address"], "kind": "image", "type": "image/webp",
        "bytes": added["bytes"], "width": 40, "height": 30, "same": False,
    }  # fmt: skip
    assert body["refused"] == [{"name": "b.svg", "reason": corpus.NO_SVG}]
    assert organiser.client.get(added["address"]).getvalue()[8:12] == b"WEBP"


def test_raw_body_is_a_file_too() -> None:
    organiser = Organiser(make_organisation())

    reply = organiser.post("/media?name=bell.mp3", corpus.mp3(), kind="application/octet-stream")

    assert reply.json()["added"][0]["type"] == "audio/mpeg"


def test_strict_upload_stores_all_or_none() -> None:
    organiser = Organiser(make_organisation())

    reply = send(
        organiser, ("a.png", corpus.picture("PNG")), ("b.svg", b"<svg/>"), query="?strict=1"
    )

    assert reply.status_code == 422
    assert reply.json()["code"] == "files-refused"
    assert reply.json()["refused_files"] == [{"name": "b.svg", "reason": corpus.NO_SVG}]
    assert organiser.get("/media").json() == {"media": [], "next": None}


def test_each_organisation_lists_its_own_and_readers_may_not_upload() -> None:
    first, second = make_organisation(), make_organisation()
    send(Organiser(first), ("a.png", corpus.picture("PNG")))
    reader = Organiser(first, scope="read")

    assert [one["name"] for one in reader.get("/media").json()["media"]] == ["a.png"]
    assert Organiser(second).get("/media").json()["media"] == []
    assert send(reader, ("b.png", corpus.picture("PNG"))).status_code == 403


def test_list_goes_page_by_page() -> None:
    organiser = Organiser(make_organisation())
    for n in range(3):
        send(organiser, (f"{n}.png", corpus.picture("PNG", size=(5 + n, 5))))

    first = organiser.get("/media?limit=2").json()
    second = organiser.get(f"/media?limit=2&cursor={first['next']}").json()

    names = [one["name"] for page in (first, second) for one in page["media"]]
    assert names == ["2.png", "1.png", "0.png"]
    assert second["next"] is None


def test_form_without_a_file_is_told_so() -> None:
    reply = Organiser(make_organisation()).client.post("/api/v1/media", {"picture": "x"})

    assert reply.status_code == 422
    assert reply.json()["detail"] == (
        "The form has no field named file; send each file under that name."
    )
