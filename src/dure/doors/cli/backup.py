"""`dure backup`: one file that holds everything, written while the server runs."""

from __future__ import annotations

import os
import subprocess
import tarfile
import time
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import psycopg
import typer

from dure import clock, postgres
from dure.doors.cli import archive
from dure.doors.cli.speaking import Advance, progress, refusals_become_sentences, say
from dure.errors import Refusal, Unknown

POLL_SECONDS = 0.1


class BackupFailed(Refusal):
    """No backup was written: {why}."""

    code = "backup-failed"


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; an older one is replaced.")],
) -> None:
    """Write the database, the media and the secret key to one file, while the server runs."""
    with refusals_become_sentences(), progress("Reading the database") as advance:
        if postgres.is_embedded() and not (postgres.server_folder() / "PG_VERSION").exists():
            raise Unknown(
                "There is nothing to back up in {folder}; set DURE_DATA.",
                folder=postgres.data_folder(),
            )
        with postgres.running():
            rows = _write(file.absolute(), advance)
        say(f"{file}: {file.stat().st_size:,} bytes, {rows:,} rows; anyone who has it has it all.")


def _write(file: Path, advance: Advance) -> int:
    """Written beside its place, then renamed: never half a file under its name."""
    try:
        with TemporaryDirectory(prefix=".dure-backup-", dir=file.parent) as folder:
            draft = Path(folder) / "draft.tar"
            rows = _write_tar(draft, advance)
            archive.sync(draft)
            draft.replace(file)
            archive.sync(file.parent)
            return rows
    except OSError as error:
        raise BackupFailed(why=f"{file.parent}: {error.strerror}") from None
    except psycopg.Error as error:
        raise BackupFailed(why=f"the database said: {str(error).strip()}") from None


def _write_tar(draft: Path, advance: Advance) -> int:
    dump, hashes = draft.with_name("dump"), dict[str, str]()
    manifest = _dump(dump, advance)
    with tarfile.open(draft, "w", format=tarfile.PAX_FORMAT) as tar:
        draft.chmod(0o600)
        archive.add_file(tar, dump, archive.DUMP, hashes)
        dump.unlink()
        secret = postgres.data_folder() / archive.SECRET
        if secret.exists() and not os.environ.get("DURE_SECRET_KEY"):
            archive.add_file(tar, secret, archive.SECRET, hashes)
        media = postgres.files_folder() / archive.MEDIA
        for stored in sorted(media.rglob("*")):
            if stored.is_file():
                name = f"{archive.MEDIA}/{stored.relative_to(media).as_posix()}"
                advance(f"Storing {name}", None)
                archive.add_file(tar, stored, name, hashes)
        whole = archive.Manifest(**{**vars(manifest), "sha256": hashes})
        archive.add_manifest(tar, whole, draft.with_name("manifest"))
    return sum(manifest.rows.values())


def _dump(dump: Path, advance: Advance) -> archive.Manifest:
    """Dump and count in one snapshot, so that a restore can prove that nothing is missing."""
    with postgres.connect("owner") as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        snapshot = connection.execute("select pg_export_snapshot()").fetchone()
        assert snapshot is not None
        if connection.execute("select to_regclass('django_migrations')").fetchone() == (None,):
            raise BackupFailed(why="the database is empty; start `dure serve` once first")
        _run_dump(dump, snapshot[0], advance)
        return archive.Manifest(
            version=version("dure"),
            made_at=clock.now().isoformat(),
            migrations=archive.known_migrations(connection),
            rows=archive.count_rows(connection),
        )


def _run_dump(dump: Path, snapshot: str, advance: Advance) -> None:
    command: list[Any] = [
        postgres.tool("pg_dump"), "--format=custom", "--no-owner", "--no-privileges",
        "--no-password", f"--snapshot={snapshot}", f"--file={dump}",
    ]  # fmt: skip
    with subprocess.Popen(
        command, env=postgres.tool_environment("owner"), stderr=subprocess.PIPE
    ) as running:
        while running.poll() is None:
            size = dump.stat().st_size if dump.exists() else 0
            advance(f"Dumping the database, {size / 2**20:,.0f} MB", None)
            time.sleep(POLL_SECONDS)
        assert running.stderr is not None
        words = running.stderr.read().decode(errors="replace").strip()
    if running.returncode != 0:
        raise BackupFailed(why=f"pg_dump said: {words.splitlines()[-1] if words else 'nothing'}")
