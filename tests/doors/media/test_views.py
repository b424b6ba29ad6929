"""Media as browsers get them, from a real server too."""

from __future__ import annotations

import http.client
import io
from contextlib import suppress
from pathlib import Path

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from dure.calls.media import storing
from dure.calls.media.storing import add_media, address_of, place_of
from dure.calls.models import Media
from tests.calls.media import corpus
from tests.factories import make_organisation
from tests.serving import run_dure, running_server

WHOLE = corpus.mp3(60)


@pytest.fixture
def media(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Media:
    monkeypatch.setattr(storing, "media_folder", lambda: tmp_path / "media")
    files: list[tuple[str, io.BytesIO]] = [("bell.mp3", io.BytesIO(WHOLE))]
    add_media(organisation=make_organisation(), files=files, by="t")  # type: ignore[arg-type]
    return Media.objects.get()


def body(response: HttpResponseBase) -> bytes:
    return response.getvalue() if response.streaming else response.content


def test_file_comes_as_what_it_is_and_may_do_nothing(media: Media, client: Client) -> None:
    response = client.get(address_of(media))

    assert body(response) == WHOLE
    assert response["Content-Type"] == "audio/mpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Content-Disposition"] == "inline"


@pytest.mark.parametrize(
    ("wanted", "status", "content"),
    [
        ("bytes=0-99", 206, WHOLE[:100]),
        ("bytes=100-", 206, WHOLE[100:]),
        ("bytes=-10", 206, WHOLE[-10:]),
        ("bytes=999999-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=--5", 200, WHOLE),
    ],
)
def test_parts_are_given_as_players_ask(
    media: Media, client: Client, wanted: str, status: int, content: bytes
) -> None:
    response = client.get(address_of(media), headers={"Range": wanted})

    assert (response.status_code, body(response)) == (status, content)


def test_reader_who_leaves_early_leaves_no_open_file(media: Media, client: Client) -> None:
    before = open_files()
    response = client.get(address_of(media))
    while_read = open_files() - before
    response.close()

    assert while_read == {str(place_of(media))}
    assert open_files() <= before


def open_files() -> set[str]:
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        # The one that lists them is gone by now.
        with suppress(FileNotFoundError):
            found.add(str(entry.readlink()))
    return found


@pytest.mark.parametrize("sent", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_known_file_is_not_sent_again(media: Media, client: Client, sent: str) -> None:
    first = client.get(address_of(media))
    body(first)

    again = client.get(address_of(media), headers={"If-None-Match": sent.format(tag=first["ETag"])})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_media_is_only_read_at_its_address(media: Media, method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)(address_of(media))

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "address", ["/media/" + "0" * 32, "/media/..%2f..%2fsecret-key", "/media/", "/media/x.mp3"]
)
def test_what_is_no_media_is_not_found(media: Media, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_file_that_is_missing_is_not_found(media: Media, client: Client) -> None:
    place_of(media).unlink()

    assert client.get(address_of(media)).status_code == 404


def test_upload_survives_backup_and_restore_and_is_served_in_parts(tmp_path: Path) -> None:
    folder, restored = tmp_path / "data", tmp_path / "restored"
    with running_server(folder) as server:
        run_dure(folder, "org", "create", "o", "--owner", "o@example.org")
        token = run_dure(folder, "token", "create", "--org", "o").stdout.split()[-1]
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request(
            "POST", "/api/v1/media?name=bell.mp3", body=WHOLE,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "audio/mpeg"},
        )  # fmt: skip
        text = connection.getresponse().read().decode()
        address = text.split('"address": "')[1].split('"')[0]
        connection.close()
        backup = run_dure(folder, "backup", str(tmp_path / "all.tar"))
        assert backup.returncode == 0, backup.stderr
    result = run_dure(restored, "restore", str(tmp_path / "all.tar"))
    assert result.returncode == 0, result.stderr

    with running_server(restored) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", address, headers={"Range": "bytes=1000-1999"})
        reply = connection.getresponse()
        assert (reply.status, reply.read()) == (206, WHOLE[1000:2000])
        connection.close()
