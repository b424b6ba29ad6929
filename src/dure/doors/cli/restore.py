"""`dure restore`: a backup into an empty data folder, or an empty database."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import psycopg
import typer

from dure import embedded, postgres
from dure.doors.cli import archive
from dure.doors.cli.opening import close_connections, set_up_django
from dure.doors.cli.speaking import Advance, progress, refusals_become_sentences, say
from dure.errors import Refusal


class NotEmpty(Refusal):
    """A backup is restored into an empty place only, and {place} holds data.

    Set DURE_DATA (or DATABASE_URL) to another.
    """

    code = "not-empty"


class FromNewerVersion(Refusal):
    """This backup was made by Dure {version}, which is newer: {migration} is unknown here.

    Install that version first.
    """

    code = "from-newer-version"


class RestoreFailed(Refusal):
    """The backup was not restored, and the database is as empty as before: {why}."""

    code = "restore-failed"


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `dure backup` wrote.")],
) -> None:
    """Fill an empty data folder from a backup, and prove that every row is there."""
    with refusals_become_sentences(), progress("Checking the backup") as advance:
        folder = embedded.ready_folder()
        media = postgres.files_folder() / archive.MEDIA
        if media.exists() and any(media.iterdir()):
            raise NotEmpty(place=media)
        with TemporaryDirectory(prefix=".dure-restore-", dir=folder) as unpacked:
            manifest = archive.unpack(
                file, Path(unpacked), advance=lambda share: advance("Checking the backup", share)
            )
            with postgres.running():
                _restore(manifest, Path(unpacked), advance)
        say(
            f"Restored {sum(manifest.rows.values()):,} rows of {manifest.made_at}, "
            "each table with the count that the backup names."
        )


def _restore(manifest: archive.Manifest, unpacked: Path, advance: Advance) -> None:
    postgres.create_database()
    with postgres.connect("owner") as connection:
        if any(archive.count_rows(connection)):
            raise NotEmpty(place=f"the database {connection.info.dbname!r}")
    _place_secret(unpacked / archive.SECRET)
    set_up_django()
    _check_version(manifest)
    advance("Filling the database", None)
    _fill(unpacked / archive.DUMP)
    _check_rows(manifest)
    from dure.doors.cli.preparing import prepare_database  # noqa: PLC0415  app ready

    # Of an older version of Dure, the rest of the way; and what each role may do.
    prepare_database()
    close_connections()
    with postgres.connect("owner") as connection:
        connection.execute("analyze")
    if (unpacked / archive.MEDIA).exists():
        shutil.copytree(
            unpacked / archive.MEDIA, postgres.files_folder() / archive.MEDIA, dirs_exist_ok=True
        )


def _place_secret(stored: Path) -> None:
    """With it, sessions and links that were handed out stay good; an own one is kept."""
    place = postgres.data_folder() / archive.SECRET
    if not stored.exists() or os.environ.get("DURE_SECRET_KEY"):
        return
    if place.exists():
        say(f"{place} is kept; sign-ins of the backed-up installation end.")
        return
    stored.chmod(0o600)
    shutil.copy2(stored, place)


def _check_version(manifest: archive.Manifest) -> None:
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415  app ready

    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations or ()}
    for migration in manifest.migrations:
        if migration not in known:
            raise FromNewerVersion(version=manifest.version, migration=migration)


def _fill(dump: Path) -> None:
    fields = postgres.tool_environment("owner")
    done = postgres.run_tool(
        "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
        "--no-password", "--dbname", fields["PGDATABASE"], str(dump),
        env=fields, capture_output=True,
    )  # fmt: skip
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise RestoreFailed(why=f"pg_restore said: {words[0] if words else 'nothing'}")


def _check_rows(manifest: archive.Manifest) -> None:
    try:
        with postgres.connect("owner") as connection:
            found = archive.count_rows(connection)
    except psycopg.Error as error:
        raise RestoreFailed(why=str(error)) from None
    assert found == manifest.rows, (found, manifest.rows)
