"""What a backup holds: a tar of the database dump, the media, the secret and a manifest."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import psycopg

from dure.errors import Refusal

FORM = 1
MANIFEST, DUMP, SECRET, MEDIA = "manifest.json", "database.dump", "secret-key", "media"
MANIFEST_BYTES_MAX = 64 * 2**20
BLOCK_BYTES = 2**20


class NotABackup(Refusal):
    """{file} is not a whole backup of Dure: {why}."""

    code = "not-a-backup"


@dataclass(frozen=True)
class Manifest:
    version: str
    made_at: str
    migrations: list[str]
    rows: dict[str, int]
    form: int = FORM
    sha256: dict[str, str] = field(default_factory=dict)


def add_file(tar: tarfile.TarFile, file: Path, name: str, hashes: dict[str, str]) -> None:
    """Store a file and note the hash of exactly what was stored."""
    with file.open("rb") as source:
        member = tar.gettarinfo(arcname=name, fileobj=source)
        member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
        reader = _Hashing(source)
        tar.addfile(member, reader)
    hashes[name] = reader.hash.hexdigest()


def add_manifest(tar: tarfile.TarFile, manifest: Manifest, draft: Path) -> None:
    draft.write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    add_file(tar, draft, MANIFEST, {})
    draft.unlink()


def unpack(file: Path, into: Path, *, advance: Callable[[float], None]) -> Manifest:
    """Take everything out and check it against the manifest; the database is not touched yet."""
    try:
        hashes = _unpack_all(file, into, advance)
    except FileNotFoundError:
        raise NotABackup(file=file, why="there is no such file") from None
    except (tarfile.TarError, EOFError) as error:
        raise NotABackup(file=file, why=str(error) or "it ends too early") from None
    except OSError as error:
        raise NotABackup(file=file, why=f"it can not be read, {error.strerror}") from None
    manifest = _read_manifest(file, into / MANIFEST)
    if hashes != manifest.sha256:
        changed = sorted(set(hashes.items()) ^ set(manifest.sha256.items()))
        raise NotABackup(file=file, why=f"{changed[0][0]} is not what its manifest says")
    return manifest


def _unpack_all(file: Path, into: Path, advance: Callable[[float], None]) -> dict[str, str]:
    bytes_total = max(1, file.stat().st_size)
    hashes = {}
    with tarfile.open(file, "r:") as tar:
        for member in tar:
            tar.extract(member, into, filter="data")
            if member.isfile() and member.name != MANIFEST:
                hashes[member.name] = _hash_of(into / member.name)
            advance(tar.offset / bytes_total)
    return hashes


def _read_manifest(file: Path, stored: Path) -> Manifest:
    if not stored.exists() or stored.stat().st_size > MANIFEST_BYTES_MAX:
        raise NotABackup(file=file, why="it has no manifest, so it was cut off or is another tar")
    fields: dict[str, Any] = orjson.loads(stored.read_bytes())
    if fields.get("form") != FORM:
        raise NotABackup(
            file=file, why=f"its form is {fields.get('form')!r}, and this Dure reads {FORM}"
        )
    return Manifest(**fields)


def _hash_of(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each of our tables has, in the snapshot of the connection's transaction."""
    tables = connection.execute(
        """
        select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema') order by 1
        """
    ).fetchall()
    counts = {}
    for (table,) in tables:
        row = connection.execute(f"select count(*) from {table}").fetchone()
        assert row is not None
        counts[str(table)] = int(row[0])
    return counts


def known_migrations(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute("select app || '.' || name from django_migrations order by id")
    return [row[0] for row in rows]


def sync(file: Path) -> None:
    """Wait until the file, or the folder's list of files, is on the disk."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Hashing:
    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.hash = hashlib.sha256()

    def read(self, n_bytes: int = -1) -> bytes:
        block = self._source.read(n_bytes)
        self.hash.update(block)
        return block
