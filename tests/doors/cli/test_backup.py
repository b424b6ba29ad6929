"""A backup under load, and what a restore proves. The restore is tested here with its backup."""

from __future__ import annotations

import io
import tarfile
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.ready import give_database
from tests.serving import Server, run_dure, start_database, stop_database

TABLES = """
select format('%I.%I', schemaname, tablename) from pg_tables
where schemaname not in ('pg_catalog', 'information_schema') order by 1
"""
INSERT = "insert into people_person default values returning id"


@pytest.fixture(scope="module")
def demo(served: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(served.environment["DURE_DATA"])
    assert run_dure(folder, "demo").returncode == 0
    (folder / "media").mkdir()
    (folder / "media" / "사진.bin").write_bytes(bytes(range(256)) * 5000)
    return folder


@pytest.fixture(scope="module")
def backed_up(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup during which somebody keeps writing; `writing` holds what was acknowledged when."""
    file = tmp_path_factory.mktemp("backup") / "dure.tar"
    stopped, before, after = threading.Event(), list[int](), list[int]()
    begun = threading.Event()

    def keep_writing() -> None:
        with _connect(demo) as connection:
            while not stopped.is_set():
                row = connection.execute(INSERT).fetchone()
                assert row is not None
                (after if begun.is_set() else before).append(row[0])

    writer = threading.Thread(target=keep_writing)
    writer.start()
    while len(before) < 50:
        stopped.wait(0.01)
    begun.set()
    done = run_dure(demo, "backup", str(file))
    stopped.set()
    writer.join()
    assert done.returncode == 0, done.stderr
    assert after
    (file.parent / "acknowledged").write_text(" ".join(map(str, before)))
    return file


def test_restore_has_what_was_acknowledged_before_the_backup_began(
    backed_up: Path, demo: Path, tmp_path: Path
) -> None:
    with RestoredDatabase(backed_up, tmp_path) as folder, _connect(folder) as restored:
        persons = {row[0] for row in restored.execute("select id from people_person")}
        next_id = restored.execute(INSERT).fetchone()

    acknowledged = {int(n) for n in (backed_up.parent / "acknowledged").read_text().split()}
    assert acknowledged <= persons
    assert next_id is not None
    assert next_id[0] > max(persons)
    assert (folder / "media" / "사진.bin").read_bytes() == (
        demo / "media" / "사진.bin"
    ).read_bytes()
    assert (folder / "secret-key").read_text() == (demo / "secret-key").read_text()


def test_restore_gives_every_row_of_every_table_back(tmp_path: Path) -> None:
    source, file = tmp_path / "source", tmp_path / "dure.tar"
    give_database(source)
    assert run_dure(source, "demo").returncode == 0
    environment = start_database(source)
    try:
        with _connect(source) as connection:
            before = _contents(connection)
        done = run_dure(source, "backup", str(file))
    finally:
        stop_database(environment)
    assert done.returncode == 0, done.stderr

    with RestoredDatabase(file, tmp_path) as folder, _connect(folder) as restored:
        after = _contents(restored)

    assert len(before["public.tasks_task"]) > 50
    assert after == before


def test_restored_installation_works_and_its_rights_are_as_they_should_be(
    backed_up: Path, tmp_path: Path
) -> None:
    with RestoredDatabase(backed_up, tmp_path) as folder:
        examined = run_dure(folder, "doctor")
        token = run_dure(folder, "token", "create", "--org", "demo")

    assert examined.returncode == 0, examined.stdout
    assert token.stdout.startswith("dure_o_")


def test_restore_into_a_place_with_data_is_refused(backed_up: Path, demo: Path) -> None:
    (demo / "media" / "사진.bin").rename(demo / "kept")
    try:
        refused = run_dure(demo, "restore", str(backed_up))
    finally:
        (demo / "kept").rename(demo / "media" / "사진.bin")

    assert refused.returncode == 2
    assert refused.stderr == (
        "dure: A backup is restored into an empty place only, and the database 'dure' holds data. "
        "Set DURE_DATA (or DATABASE_URL) to another.\n"
    )


@pytest.mark.parametrize("damage", ["cut", "changed", "other", "missing"])
def test_damaged_backup_is_refused_and_nothing_is_made(
    backed_up: Path, tmp_path: Path, damage: str
) -> None:
    file, folder = tmp_path / "damaged.tar", tmp_path / "restored"
    whole = backed_up.read_bytes()
    if damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "changed":
        file.write_bytes(whole[:20_000] + bytes([whole[20_000] ^ 1]) + whole[20_001:])
    elif damage == "other":
        with tarfile.open(file, "w") as tar:
            tar.addfile(tarfile.TarInfo("readme"), io.BytesIO())

    refused = run_dure(folder, "restore", str(file))

    assert refused.returncode == 2
    assert refused.stderr.startswith(f"dure: {file} is not a whole backup of Dure: ")
    assert len(refused.stderr.splitlines()) == 1
    assert list(folder.iterdir()) == []


def test_backup_to_nowhere_is_refused_and_leaves_nothing(demo: Path, tmp_path: Path) -> None:
    refused = run_dure(demo, "backup", str(tmp_path / "none" / "dure.tar"))

    assert refused.returncode == 2
    assert refused.stderr == (
        f"dure: No backup was written: {tmp_path / 'none'}: No such file or directory.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_backup_is_readable_by_its_owner_only(backed_up: Path) -> None:
    assert backed_up.stat().st_mode & 0o777 == 0o600


class RestoredDatabase:
    def __init__(self, file: Path, tmp_path: Path) -> None:
        self.file, self.folder = file, tmp_path / "restored"

    def __enter__(self) -> Path:
        done = run_dure(self.folder, "restore", str(self.file))
        assert done.returncode == 0, done.stderr
        self.environment = start_database(self.folder)
        return self.folder

    def __exit__(self, *_: object) -> None:
        stop_database(self.environment)


def _connect(folder: Path) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=str(folder / "postgres"), dbname="dure", user="dure_owner", autocommit=True
    )


def _contents(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    tables = [row[0] for row in connection.execute(TABLES)]
    return {
        table: sorted(row[0] for row in connection.execute(f"select t::text from {table} t"))
        for table in tables
    }
