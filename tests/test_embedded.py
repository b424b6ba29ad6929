"""The embedded server in a folder and a process of its own: any path, any death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from dure import syncing
from tests.serving import (
    database_process,
    environment_of,
    start_database,
    stop_database,
    wait_until,
)

ASK = """
from dure import postgres
how = postgres.start()
postgres.create_database()
with postgres.connect("owner") as connection:
    connection.execute("create table if not exists kept (n int)")
    connection.execute("insert into kept values (1)")
    print(how, connection.execute("select count(*) from kept").fetchone()[0])
"""
HOW_IT_SYNCS = """
from dure import postgres
postgres.start()
postgres.create_database()
with postgres.connect("owner") as connection:
    print(connection.execute("show recovery_init_sync_method").fetchone()[0])
"""


# As the first process of a container that starts Dure without an init.
UNBURIED = """
import ctypes, os, signal, time
from dure import postgres
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
postgres.start()
note = postgres.server_folder() / "postmaster.pid"
process = int(note.read_text().split()[0])
before = postgres.has_died()
os.kill(process, signal.SIGKILL)
while not (is_seen := postgres.has_died()):
    time.sleep(0.01)
how = postgres.start()
print(before, is_seen, how, os.path.exists(f"/proc/{process}"))
"""


@pytest.mark.parametrize(
    "name",
    ["with space and 두레", "quote ' and \" and $HOME `x` \\", "a,b", "long" * 30],
    ids=["space", "quote", "comma", "long"],
)
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    try:
        first = _run(folder, ASK)
        second = _run(folder, ASK)
    finally:
        stop_database(environment_of(folder))
    third = _run(folder, ASK + "postgres.stop()")

    assert (first, second, third) == ("started 1", "took over 2", "started 3")
    assert database_process(folder) == 0


def test_rows_survive_the_death_of_the_server_at_any_time(tmp_path: Path) -> None:
    try:
        for _ in range(3):
            _run(tmp_path, ASK)
            os.kill(database_process(tmp_path), signal.SIGKILL)
        last = _run(tmp_path, ASK)
    finally:
        stop_database(environment_of(tmp_path))

    assert last == "started 4"


def test_note_of_a_dead_server_is_not_believed_when_its_number_is_somebody_else_s(
    tmp_path: Path,
) -> None:
    try:
        _run(tmp_path, ASK)
        os.kill(database_process(tmp_path), signal.SIGKILL)
        note = tmp_path / "postgres" / "postmaster.pid"
        lines = note.read_text().split("\n")
        note.write_text("\n".join([str(os.getpid()), *lines[1:]]))
        again = _run(tmp_path, ASK)
    finally:
        stop_database(environment_of(tmp_path))

    assert again == "started 2"


def test_session_that_outlives_its_server_does_not_keep_the_next_from_starting(
    tmp_path: Path,
) -> None:
    environment = start_database(tmp_path)
    try:
        session = psycopg.connect(
            host=str(tmp_path / "postgres"), dbname="postgres", user="postgres"
        )
        orphan = session.info.backend_pid
        # Stopped, it can not notice that its server died.
        os.kill(orphan, signal.SIGSTOP)
        os.kill(database_process(tmp_path), signal.SIGKILL)
        again = _run(tmp_path, ASK)
        session.close()
    finally:
        stop_database(environment)

    assert again == "started 1"
    assert not _is_running(orphan)


def test_server_that_waits_for_its_sessions_to_end_is_stopped_and_started(tmp_path: Path) -> None:
    environment = start_database(tmp_path)
    try:
        before = database_process(tmp_path)
        address = {"host": str(tmp_path / "postgres"), "dbname": "postgres", "user": "postgres"}
        session = psycopg.connect(**address, autocommit=True)
        os.kill(before, signal.SIGTERM)
        wait_until(lambda: "\nstopping" in (tmp_path / "postgres/postmaster.pid").read_text())
        # Who is in already goes on, and so it would wait for ever.
        session.execute("create table held (n int)")
        again = _run(tmp_path, ASK)
        after = database_process(tmp_path)
        with psycopg.connect(**address) as connection:
            n_held = connection.execute("select count(*) from held").fetchone()
        session.close()
    finally:
        stop_database(environment)

    assert (again, n_held) == ("started 1", (0,))
    assert after != before


@pytest.mark.skipif(sys.platform != "linux", reason="only there can a process bury others")
def test_server_that_nobody_buries_does_not_keep_the_next_from_starting(tmp_path: Path) -> None:
    try:
        said = _run(tmp_path, UNBURIED)
    finally:
        stop_database(environment_of(tmp_path))

    assert said == "False True started True"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no syncfs")
def test_after_a_crash_a_known_file_system_is_synced_as_a_whole(tmp_path: Path) -> None:
    is_known = syncing.file_system_of(tmp_path) in syncing.SYNCED_WHOLE
    try:
        said = _run(tmp_path, HOW_IT_SYNCS)
    finally:
        stop_database(environment_of(tmp_path))

    assert said == ("syncfs" if is_known else "fsync")


def test_database_that_was_half_made_is_made_again(tmp_path: Path) -> None:
    draft = tmp_path / "postgres.draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    try:
        how = _run(tmp_path, ASK)
    finally:
        stop_database(environment_of(tmp_path))

    assert how == "started 1"


def test_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "thesis.txt").write_text("ten years of work")

    said = _run(tmp_path, REFUSED)

    assert said == (
        f"The data folder {tmp_path / 'postgres'} can not be used: it holds files, but no "
        "PostgreSQL database. Set DURE_DATA to a folder of your own."
    )
    assert (tmp_path / "postgres" / "thesis.txt").read_text() == "ten years of work"


def test_database_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("12\n")

    said = _run(tmp_path, REFUSED)

    assert said == (
        f"The data folder {tmp_path / 'postgres'} can not be used: its database is of PostgreSQL "
        "12, this version of Dure brings 18. Set DURE_DATA to a folder of your own."
    )


def test_two_starts_at_once_make_one_server(tmp_path: Path) -> None:
    code = "from dure import postgres; print(postgres.start())"
    command = [sys.executable, "-c", code]
    try:
        both = [
            subprocess.Popen(command, env=environment_of(tmp_path), stdout=subprocess.PIPE)
            for _ in range(2)
        ]
        said = sorted(process.communicate()[0].decode().strip() for process in both)
    finally:
        stop_database(environment_of(tmp_path))

    assert said == ["started", "took over"]


REFUSED = """
from dure import postgres
from dure.errors import Refusal
try:
    postgres.start()
except Refusal as refusal:
    print(refusal.sentence)
"""


def _run(folder: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment_of(folder),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
