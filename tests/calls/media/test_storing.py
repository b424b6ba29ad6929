"""Uploads: what is good is stored fit for phones, what is bad is refused and leaves nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dure.calls.media import storing
from dure.calls.media.storing import (
    NotAllMedia,
    RefusedFile,
    add_media,
    clean_name,
    clean_path,
    place_of,
)
from dure.calls.models import Media
from dure.people.models import AuditEntry
from tests.calls.media import corpus
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(storing, "media_folder", lambda: tmp_path / "media")
    return tmp_path / "media"


def send(*files: tuple[str, bytes], **options: Any) -> storing.Report:
    options.setdefault("organisation", make_organisation())
    streams: Any = [(name, io.BytesIO(content)) for name, content in files]
    return add_media(files=streams, by="t", **options)


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", corpus.GOOD)
def test_good_file_is_stored_once_under_a_name_of_ours(name: str, folder: Path) -> None:
    content, kind = corpus.GOOD[name]
    organisation = make_organisation()

    first = send((name, content), organisation=organisation)
    second = send((name, content), organisation=organisation)

    assert (first.refused, second.refused) == ([], [])
    media = Media.objects.get()
    assert (media.type, media.name) == (kind, name)
    assert [one.same for one in (*first.added, *second.added)] == [False, True]
    assert stored(folder) == [place_of(media)]
    assert place_of(media).stat().st_size == media.bytes
    assert AuditEntry.objects.get().action == "add media"


@pytest.mark.parametrize("name", corpus.BAD)
def test_bad_file_is_refused_with_a_sentence_and_leaves_nothing(name: str, folder: Path) -> None:
    content, sentence = corpus.BAD[name]

    report = send((name, content))

    assert report.added == []
    assert report.refused == [RefusedFile(name, sentence)]
    assert not Media.objects.exists()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", corpus.GOOD)
def test_file_that_breaks_off_anywhere_is_told_in_a_sentence(name: str, folder: Path) -> None:
    content, _ = corpus.GOOD[name]
    cuts = [*range(64), *range(64, len(content), max(1, len(content) // 100))]

    for cut in cuts:
        report = send((name, content[:cut]))

        # What breaks off is refused; pictures and sounds that still play are not.
        assert len(report.added) + len(report.refused) == 1
        assert all(file.reason for file in report.refused)
    assert len(stored(folder)) == Media.objects.count()


def test_photo_is_turned_upright_and_keeps_no_secrets() -> None:
    send(("photo.jpg", corpus.photo_with_secrets()))

    media = Media.objects.get()
    content = place_of(media).read_bytes()
    assert (media.width, media.height) == (20, 60)
    assert b"Secret" not in content
    with Image.open(io.BytesIO(content)) as made:
        assert dict(made.getexif()) == {}


def test_large_photo_is_made_fit_for_a_phone() -> None:
    send(("photo.jpg", corpus.picture(size=(4000, 3000))))

    media = Media.objects.get()
    assert (media.width, media.height) == (1600, 1200)


def test_transparent_picture_stays_transparent() -> None:
    send(("a.png", corpus.see_through()))

    with Image.open(place_of(Media.objects.get())) as made:
        assert made.mode == "RGBA"


def test_zip_gives_its_good_members_and_names_the_bad_ones() -> None:
    content = corpus.packed(
        {
            "photos/a.png": corpus.picture("PNG"),
            "photos/b.jpg": corpus.picture(),
            "bad.svg": b"<svg/>",
            "inner.zip": corpus.packed({"c.png": corpus.picture("PNG")}),
            "__MACOSX/photos/._a.png": b"x",
        }
    )

    report = send(("all.zip", content))

    assert [(one.name, one.path, one.archive) for one in report.added] == [
        ("a.png", "photos/a.png", "all.zip"), ("b.jpg", "photos/b.jpg", "all.zip")
    ]  # fmt: skip
    assert report.refused == [
        RefusedFile("bad.svg", corpus.NO_SVG),
        RefusedFile("inner.zip", "A ZIP inside a ZIP is not opened; pack the files themselves."),
    ]


def test_same_name_in_two_folders_is_two_files() -> None:
    content = corpus.packed(
        {"cat/1.png": corpus.picture("PNG"), "dog/1.png": corpus.picture("PNG", size=(9, 9)),
         "dog/2.svg": b"<svg/>"}
    )  # fmt: skip

    report = send(("all.zip", content))

    assert [one.path for one in report.added] == ["cat/1.png", "dog/1.png"]
    assert len({one.media.pk for one in report.added}) == 2
    assert report.refused == [RefusedFile("dog/2.svg", corpus.NO_SVG)]


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_korean_names_in_a_zip_are_read_as_they_were_written(encoding: str) -> None:
    # Python marks what is not ASCII as UTF-8; Windows and macOS write it without the mark.
    content = corpus.packed({"xxxx/yyyy.png": corpus.picture("PNG")})
    folder, name = ("고양", "새들") if encoding == "cp949" else ("é" * 2, "ü" * 2)
    packed = content.replace(b"xxxx", folder.encode(encoding))
    packed = packed.replace(b"yyyy", name.encode(encoding))

    (added,) = send(("all.zip", packed)).added

    assert added.path == f"{folder}/{name}.png"


def test_who_waits_hears_of_each_file() -> None:
    heard: list[int] = []

    send(("a.zip", corpus.packed({f"{n}.png": corpus.picture("PNG") for n in range(3)})),
         ("b.svg", b"<svg/>"), tell=heard.append)  # fmt: skip

    assert heard == [1, 2, 3]


def test_strict_stores_all_or_none(folder: Path) -> None:
    with pytest.raises(NotAllMedia) as refused:
        send(("a.png", corpus.picture("PNG")), ("b.svg", b"<svg/>"), strict=True)

    assert refused.value.report.refused == [RefusedFile("b.svg", corpus.NO_SVG)]
    assert not Media.objects.exists()
    assert list(folder.iterdir()) == []


def test_two_organisations_have_a_file_each() -> None:
    for _ in range(2):
        send(("a.png", corpus.picture("PNG")))

    assert Media.objects.count() == 2


def test_file_whose_row_can_not_be_written_is_taken_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(storing.audit, "record", fail)

    with pytest.raises(RuntimeError):
        send(("a.png", corpus.picture("PNG")))

    assert stored(folder) == []
    assert not Media.objects.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a.png", "a.png"),
        ("a\0\n\u202eb.png", "ab.png"),
        ("x" * 5000, "x" * 200),
        ("", "file"),
        ("사진.png", "사진.png"),
    ],
)
def test_names_are_only_shown(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("cat/1.png", "cat/1.png"),
        ("..\\..//etc/./passwd", "etc/passwd"),
        ("a\0b/c\n.png", "ab/c.png"),
        ("\u1100\u1161.png", "가.png"),
        ("../", "file"),
    ],
)
def test_paths_lead_nowhere(name: str, shown: str) -> None:
    assert clean_path(name) == shown
