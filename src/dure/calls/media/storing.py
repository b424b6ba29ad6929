"""Uploads in: each file on its own merits, whole on disk before anybody hears of it."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, cast

from django.db import IntegrityError, transaction

from dure import postgres
from dure.calls.media.archives import open_members
from dure.calls.media.kinds import ZIP, BadMedia, Kind, tell_kind, walk
from dure.calls.media.pictures import make_picture
from dure.calls.models import Media
from dure.clock import now
from dure.errors import Invalid
from dure.people import audit
from dure.people.models import Organisation

BLOCK_BYTES = 2**20
NAME_LETTERS_MAX = 200
PATH_LETTERS_MAX = 500
FILES_MAX = 10_000
SUFFIXES = {
    "image/webp": ".webp", "audio/mpeg": ".mp3", "audio/wav": ".wav", "audio/ogg": ".ogg",
    "audio/mp4": ".m4a", "video/mp4": ".mp4", "video/webm": ".webm",
}  # fmt: skip
KINDS = {suffix: type_.split("/")[0] for type_, suffix in SUFFIXES.items()}


class NotAllMedia(Invalid):
    """Some files can't be used, so none was stored; mend them, or leave out strict."""

    code = "files-refused"

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


class RefusedFile(NamedTuple):
    name: str
    reason: str


class AddedFile(NamedTuple):
    """A file that is there now; `same` if it was there before.

    `path` is where it lay in the ZIP called `archive`; of a file by itself these are its name, "".
    """

    name: str
    media: Media
    same: bool
    path: str
    archive: str


@dataclass(slots=True)
class Report:
    added: list[AddedFile] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file that was made fit and waits beside its place."""

    path: str
    archive: str
    draft: Path
    sha256: bytes
    medium: str
    type: str
    width: int | None
    height: int | None

    @property
    def name(self) -> str:
        return clean_name(self.path)


def add_media(
    *,
    organisation: Organisation,
    files: Iterable[tuple[str, BinaryIO]],
    by: str,
    strict: bool = False,
    tell: Callable[[int], None] | None = None,
) -> Report:
    """Store the files, those in a ZIP one by one; a file that is there already is not stored twice.

    With `strict` all of them or none. `tell` hears after each file how many were looked at.
    """
    report = Report()
    folder = media_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".incoming-", dir=folder) as incoming:
        ready = []
        for one in _made_fit(files, Path(incoming), report):
            if strict:
                ready.append(one)
            else:
                _keep(organisation, one, report, by=by)
            if tell:
                tell(len(ready) + len(report.added) + len(report.refused))
        if strict and report.refused:
            raise NotAllMedia(report)
        for one in ready:
            _keep(organisation, one, report, by=by)
    return report


def media_folder() -> Path:
    return postgres.files_folder() / "media"


def place_of(media: Media) -> Path:
    """Where a media's file lies: named by us alone, a hundredth of them in each folder."""
    return media_folder() / media.token[:2] / f"{media.token}{SUFFIXES[media.type]}"


def address_of(media: Media) -> str:
    return f"/media/{media.token}{SUFFIXES[media.type]}"


def kind_of(address: str) -> str:
    """Of the address of a media: image, audio or video."""
    return KINDS[Path(address).suffix]


def clean_path(name: str) -> str:
    """Where a file lay in its ZIP, to be shown and compared only: one line, no way out of it."""
    parts = unicodedata.normalize("NFC", name).replace("\\", "/").split("/")
    cleaned = "/".join(clean_name(part) for part in parts if part not in ("", ".", ".."))
    return cleaned[-PATH_LETTERS_MAX:] or "file"


def clean_name(name: str) -> str:
    """What the uploader called it, to be shown only: one line, no path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:NAME_LETTERS_MAX] or "file"


def _made_fit(
    files: Iterable[tuple[str, BinaryIO]], incoming: Path, report: Report
) -> Iterator[_Ready]:
    n_files = 0
    for name, file in files:
        try:
            kind = tell_kind(file, name=name)
            if kind is ZIP:
                archive, members = clean_name(name), open_members(file, incoming)
            else:
                archive, members = "", iter([(clean_name(name), file)])
            for own_name, content in members:
                n_files += 1
                if n_files > FILES_MAX:
                    raise BadMedia("At most {most} files at once.", most=FILES_MAX)
                try:
                    own_kind = tell_kind(cast(BinaryIO, content), name=own_name)
                    if own_kind is ZIP:
                        raise BadMedia(
                            "A ZIP inside a ZIP is not opened; pack the files themselves."
                        )
                    yield _make_fit(
                        own_kind, own_name, cast(BinaryIO, content), incoming, archive=archive
                    )
                except BadMedia as flaw:
                    report.refused.append(RefusedFile(clean_path(own_name), flaw.sentence))
        except BadMedia as flaw:
            report.refused.append(RefusedFile(clean_name(name), flaw.sentence))


def _make_fit(kind: Kind, name: str, file: BinaryIO, incoming: Path, *, archive: str) -> _Ready:
    path = clean_path(name)
    descriptor, place = tempfile.mkstemp(dir=incoming)
    draft = Path(place)
    os.close(descriptor)
    file.seek(0)
    sha256 = hashlib.file_digest(cast(Any, file), "sha256").digest()
    if kind.medium == "image":
        width, height = make_picture(kind, file, draft)
        return _Ready(path, archive, draft, sha256, "image", "image/webp", width, height)
    walk(kind, file)
    file.seek(0)
    with draft.open("wb") as out:
        shutil.copyfileobj(cast(IO[bytes], file), out, BLOCK_BYTES)
    return _Ready(path, archive, draft, sha256, kind.medium, kind.type, None, None)


def _keep(organisation: Organisation, one: _Ready, report: Report, *, by: str) -> None:
    known = Media.objects.filter(organisation=organisation, sha256=one.sha256).first()
    if known is None:
        try:
            media = _store(organisation, one, by=by)
        except IntegrityError:
            # The same file came in by another request just now.
            known = Media.objects.get(organisation=organisation, sha256=one.sha256)
        else:
            report.added.append(_added(one, media, same=False))
            return
    one.draft.unlink()
    report.added.append(_added(one, known, same=True))


def _added(one: _Ready, media: Media, *, same: bool) -> AddedFile:
    return AddedFile(one.name, media, same, one.path, one.archive)


def _store(organisation: Organisation, one: _Ready, *, by: str) -> Media:
    """The file is whole in its place before its row is there: a row never points at nothing."""
    media = Media(
        organisation=organisation, token=secrets.token_hex(16), sha256=one.sha256,
        kind=one.medium, type=one.type, bytes=one.draft.stat().st_size,
        width=one.width, height=one.height, name=one.name, at=now(), by=by,
    )  # fmt: skip
    place = place_of(media)
    place.parent.mkdir(exist_ok=True)
    with one.draft.open("rb") as written:
        os.fsync(written.fileno())
    one.draft.rename(place)
    _sync(place.parent)
    try:
        with transaction.atomic():
            media.save(force_insert=True)
            audit.record(
                organisation=organisation, by=by, action="add media", thing=f"media:{media.token}"
            )
    except BaseException:
        place.unlink()
        raise
    return media


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
