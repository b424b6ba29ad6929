"""`dure serve` as an operator meets it: started, stopped, started twice, started in a bad place."""

from __future__ import annotations

import os
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from dure import asgi, embedded, postgres
from dure.doors.cli.serve import WORKERS_MAX
from dure.doors.desk import live
from tests.ready import give_database
from tests.serving import (
    COMMAND,
    STOP_SECONDS_MAX,
    Server,
    ask,
    children_of,
    database_away,
    database_process,
    free_port,
    processes_of,
    run_dure,
    running_server,
    start_database,
    start_server,
    stop_database,
    wait_until,
)

VISITORS, VISITS = 4, 100
# Of each web process, for contributors.
COLLECTING = 12
WAITS_FOR_US = "select from pg_locks where locktype = 'advisory' and not granted"


def test_serve_answers_then_stops_everything_on_sigterm(tmp_path: Path) -> None:
    folder = tmp_path / "두레 data"
    # Empty, so that all is made as for anybody who starts Dure for the first time.
    folder.mkdir()

    with running_server(folder, workers=2) as server:
        status = ask(server, "/collect/")
        postmaster = database_process(folder)
        processes = processes_of(server)
        code = server.stop()

    assert status == 404
    # One host in all that is printed: a browser keeps the cookies of each apart.
    assert (
        re.findall(r"http://[^/\s]+", server.log.read_text())
        == [f"http://localhost:{server.port}"] * 2
    )
    assert len(processes) >= 4
    assert code == 0
    assert [process for process in [*processes, postmaster] if _is_alive(process)] == []
    assert not (folder / "postgres" / "postmaster.pid").exists()
    assert "Traceback" not in server.log.read_text()


def test_first_lines_say_where_it_serves_then_how_to_begin(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", env={"DURE_ADDRESS": "https://dure.example"}) as server:
        first, second = server.log.read_text().splitlines()

    assert first == (
        f"Dure serves https://dure.example, and on this machine http://localhost:{server.port}"
        "  (Ctrl-C stops it)"
    )
    assert re.fullmatch(
        r"Owner's link, good for one use: https://dure\.example/desk/welcome/dure_i_\S+", second
    )


def test_killed_supervisor_takes_its_children_along_and_the_next_takes_over(
    tmp_path: Path,
) -> None:
    folder, port = tmp_path / "data", free_port()
    first = start_server(folder, port=port)
    try:
        first.wait_until_ready()
        postmaster, children = database_process(folder), processes_of(first)
        first.process.kill()
        first.process.wait()

        with running_server(folder, port=port) as second:
            survivor = database_process(folder)
            status = ask(second, "/collect/")
            code = second.stop()
    finally:
        stop_database(first.environment)

    assert survivor == postmaster
    assert status == 404
    assert code == 0
    assert [process for process in [*children, postmaster] if _is_alive(process)] == []


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_killed_postgres_is_started_again(
    served: Server, served_folder: Path, end: signal.Signals
) -> None:
    before = database_process(served_folder)
    address = {"host": str(served_folder / "postgres"), "dbname": "postgres", "user": "postgres"}

    # One that is only asked to end waits for its sessions.
    with closing(psycopg.connect(**address)):
        os.kill(before, end)
        wait_until(lambda: database_process(served_folder) not in (0, before))

    # A join of an unknown call asks the database, so this status comes through it.
    wait_until(lambda: ask(served, "/collect/join", b'{"call": "none"}') == 404)
    assert served.process.poll() is None


def test_postgres_that_is_killed_before_the_server_is_ready_is_started_again(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    give_database(folder)
    environment = start_database(folder)
    address = {"host": str(folder / "postgres"), "dbname": "postgres", "user": "postgres"}
    try:
        with closing(psycopg.connect(**address, autocommit=True)) as ours:
            ours.execute("select pg_advisory_lock(%s)", [postgres.PREPARING_LOCK])
            server = start_server(folder)
            wait_until(lambda: ours.execute(WAITS_FOR_US).fetchone() is not None)
            os.kill(database_process(folder), signal.SIGKILL)

        server.wait_until_ready()

        assert ask(server, "/collect/join", b'{"call": "none"}') == 404
        assert server.stop() == 0
    finally:
        server.process.kill()
        stop_database(environment)


def test_killed_web_is_started_again_while_postgres_is_away(
    served: Server, served_folder: Path
) -> None:
    (before,) = processes_of(served, "web")
    with database_away(served_folder):
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: processes_of(served, "web") not in ([], [before]))

    wait_until(lambda: ask(served, "/collect/join", b'{"call": "none"}') == 404)
    assert served.process.poll() is None


@pytest.mark.parametrize("module", ["web", "worker"])
def test_killed_child_is_started_again(served: Server, module: str) -> None:
    (before,) = processes_of(served, module)

    os.kill(before, signal.SIGKILL)

    wait_until(lambda: processes_of(served, module) not in ([], [before]))
    wait_until(lambda: ask(served, "/collect/join", b'{"call": "none"}') == 404)
    assert served.process.poll() is None


def test_killed_worker_is_started_again_while_the_other_answers(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", workers=2) as server:
        (web,) = processes_of(server, "web")
        before = children_of(web)
        is_over = threading.Event()

        statuses: list[int] = []

        def visit() -> None:
            while not is_over.is_set():
                statuses.append(ask(server, "/collect/join", b'{"call": "none"}'))

        with ThreadPoolExecutor(VISITORS) as pool:
            visits = [pool.submit(visit) for _ in range(VISITORS)]
            wait_until(lambda: len(statuses) >= VISITS)
            os.kill(before[0], signal.SIGKILL)
            wait_until(lambda: len(set(children_of(web)) - set(before)) == 1)
            n_before = len(statuses)
            wait_until(lambda: len(statuses) >= n_before + VISITS)
            is_over.set()

    assert [visit.exception() for visit in visits] == [None] * VISITORS
    # The killed one takes along what it was just answering: of each visitor one at most.
    assert set(statuses) <= {0, 404}
    assert statuses.count(0) <= VISITORS


def test_second_serve_on_the_same_folder_is_refused(served: Server, served_folder: Path) -> None:
    refused = run_dure(served_folder, "serve", "--port", str(free_port()))

    assert refused.returncode == 2
    assert refused.stderr == (
        f"dure: Another `{COMMAND[0]} serve` runs on the data folder {served_folder}; "
        "stop it, or set DURE_DATA.\n"
    )
    assert ask(served, "/collect/") == 404


def test_taken_port_is_refused(served: Server, tmp_path: Path) -> None:
    refused = run_dure(tmp_path / "other", "serve", "--port", str(served.port))

    assert refused.returncode == 2
    assert refused.stderr == (
        f"dure: Port {served.port} of 127.0.0.1 is in use by another program; "
        "choose one with --port.\n"
    )


def test_folder_that_can_not_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    folder = tmp_path / "file" / "data"

    refused = run_dure(folder, "serve", "--port", str(free_port()))

    assert refused.returncode == 2
    assert refused.stderr == (
        f"dure: The data folder {folder} can not be used: Not a directory. "
        "Set DURE_DATA to a folder of your own.\n"
    )


def test_files_that_are_not_there_are_refused_rather_than_made(tmp_path: Path) -> None:
    share = tmp_path / "share"

    refused = run_dure(
        tmp_path / "data", "serve", "--port", str(free_port()), DURE_FILES=str(share)
    )

    assert refused.returncode == 2
    assert refused.stderr == (
        f"dure: The folder {share}, which DURE_FILES names, can not be used: "
        "No such file or directory.\n"
    )


@pytest.mark.parametrize("workers", range(1, WORKERS_MAX + 1))
def test_connections_of_all_web_processes_fit_into_postgres(workers: int) -> None:
    # Pages, rights of those who listen, the one that listens, contributors.
    each = asgi.pages_at_once(workers=workers) + live.CHECKS_AT_ONCE + 1 + COLLECTING
    background_and_commands = 20

    needed = workers * each + background_and_commands

    assert needed <= int(embedded.SERVER_SETTINGS["max_connections"])


def test_server_waits_for_a_database_that_is_away(tmp_path: Path) -> None:
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/dure"
    server = start_server(tmp_path, env={"DATABASE_URL": address})

    wait_until(
        lambda: server.log.read_text() == "PostgreSQL does not answer yet; waiting for it.\n"
    )

    assert server.stop() == 0


def test_database_that_is_away_is_refused(tmp_path: Path) -> None:
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/dure"

    refused = run_dure(tmp_path, "org", "create", "a", "--owner", "a@b.co", DATABASE_URL=address)

    assert refused.returncode == 2
    assert refused.stderr.startswith("dure: The PostgreSQL that DATABASE_URL names does not answer")
    assert "Traceback" not in refused.stderr


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        (
            {"DURE_COLLECT_ADDRESS_RATE": "many"},
            (
                "DURE_COLLECT_ADDRESS_RATE should be a number of requests a second,"
                " or 0 for no limit; got 'many'."
            ),
        ),
        (
            {"DURE_PROXIES": "local"},
            (
                "DURE_PROXIES should be addresses or networks with commas between,"
                " as in 127.0.0.1,10.0.0.0/8; got 'local'."
            ),
        ),
    ],
)
def test_setting_that_can_not_be_one_is_told_in_a_sentence_and_ends_the_start(
    tmp_path: Path, setting: dict[str, str], sentence: str
) -> None:
    server = start_server(tmp_path / "data", env=setting)

    code = server.process.wait(STOP_SECONDS_MAX)

    assert code != 0
    assert server.log.read_text() == f"dure: {sentence}\n"
