"""Two `dure serve` on one PostgreSQL, as on two machines: one crowd, one set of promises."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from dure import __version__, postgres
from tests import replay
from tests.calls.media import corpus
from tests.ready import MAKE
from tests.serving import (
    READY_SECONDS_MAX,
    Server,
    ask,
    environment_of,
    free_port,
    get,
    run_dure,
    start_database,
    start_server,
    stop_database,
    wait_until,
)
from tests.test_replay import (
    check_verdicts_equal_aggregate,
    check_what_was_acknowledged,
    owed_minor,
    read_crowd,
    wait_for_answers,
)

SECRET = "the same secret on both machines, and long enough"
# So that the crowd is still there when the last server comes back.
THINK_SECONDS = 0.6
OLDEST = Path("/usr/lib/postgresql/15/bin")
START_OLDEST = """
import sys
from pathlib import Path
from dure import embedded
embedded.tool = lambda name: Path(sys.argv[1]) / name
# It has no rules for sorting of its own.
embedded.LOCALE = ("--encoding=utf8", "--locale=C.UTF-8")
embedded.start()
"""
SIGN_IN = """
from dure.doors.cli.opening import open_platform
with open_platform():
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from dure.people.models import Account
    account = Account.objects.get()
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    print(session.session_key)
"""


@dataclass
class Machines:
    """Each has a data folder and a port of its own; the database and DURE_FILES are shared."""

    home: Path
    address: str
    servers: dict[str, Server] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def start(self, name: str, *, workers: int = 1, **env: str) -> Server:
        (self.home / "files").mkdir(exist_ok=True)
        port = self.ports.setdefault(name, free_port())
        server = start_server(self.home / name, env={**self.env, **env}, port=port, workers=workers)
        self.servers[name] = server
        return server

    @property
    def env(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.address,
            "DURE_SECRET_KEY": SECRET,
            "DURE_FILES": str(self.home / "files"),
        }


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("shared")
    environment = start_database(folder)
    make_ready(folder, tmp_path_factory.mktemp("made"))
    yield folder
    stop_database(environment)


@pytest.fixture
def oldest_database(tmp_path: Path) -> Iterator[Path]:
    """Of the oldest version that DATABASE_URL may name, where the system has it."""
    if not (OLDEST / "postgres").exists():
        pytest.skip(f"no PostgreSQL 15 in {OLDEST}, where Debian's postgresql-15 puts it")
    folder = tmp_path / "oldest"
    environment = environment_of(folder)
    subprocess.run([sys.executable, "-c", START_OLDEST, OLDEST], env=environment, check=True)
    make_ready(folder, tmp_path / "made")
    yield folder
    stop_database(environment)


def make_ready(folder: Path, home: Path) -> None:
    with superuser(folder) as connection:
        connection.execute("create role operator login createrole")
        connection.execute("create database ready owner operator")
    env = environment_of(home, {"DATABASE_URL": address(folder, "ready")})
    subprocess.run([sys.executable, "-c", MAKE], env=env, check=True)


@contextmanager
def machines(
    database: Path, home: Path, *, name: str, template: str = "ready"
) -> Iterator[Machines]:
    with superuser(database) as connection:
        connection.execute(f"create database {name} template {template} owner operator")
    made = Machines(home, address(database, name))
    try:
        yield made
    finally:
        for server in made.servers.values():
            if server.process.poll() is None:
                server.stop()


def test_crowd_over_two_servers_survives_a_kill_and_a_rolling_restart(
    database: Path, tmp_path: Path, crowds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with machines(database, tmp_path, name="short") as both:
        walk_over_both(both, crowds, monkeypatch, n_tasks=120, rounds=1)


@pytest.mark.drill
def test_whole_crowd_over_two_servers_survives_kills_and_rolling_restarts(
    database: Path, tmp_path: Path, crowds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with machines(database, tmp_path, name="long") as both:
        walk_over_both(both, crowds, monkeypatch, n_tasks=800, rounds=4)


@pytest.mark.drill
def test_crowd_over_two_servers_on_the_oldest_postgresql(
    oldest_database: Path, tmp_path: Path, crowds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with machines(oldest_database, tmp_path, name="short") as both:
        with psycopg.connect(both.address) as connection:
            assert connection.info.server_version // 10_000 == 15
        walk_over_both(both, crowds, monkeypatch, n_tasks=120, rounds=1)
        examined = run_dure(tmp_path / "a", "doctor", **both.env)

    assert "fail" not in {line[:4] for line in examined.stdout.splitlines()}


def walk_over_both(
    both: Machines, crowds: Path, monkeypatch: pytest.MonkeyPatch, *, n_tasks: int, rounds: int
) -> None:
    recorded, _ = read_crowd(crowds, n_tasks=n_tasks)
    n_answers = 10 * n_tasks
    for name in ("a", "b"):
        both.start(name, workers=2)
    for server in both.servers.values():
        server.wait_until_ready()
    logs = [server.log for server in both.servers.values()]
    organiser = replay.open_organisation(both.servers["a"], both.home / "a", **both.env)
    call = replay.open_call(organiser, recorded)
    crowd = replay.Crowd(
        call["slug"],
        both.ports["a"],
        recorded,
        other_ports=(both.ports["b"],),
        think_seconds=THINK_SECONDS,
    )
    crew = replay.walk(crowd)
    for turn in range(rounds):
        wait_for_answers(crowd, (3 * turn + 1) * n_answers // (3 * rounds + 1))
        logs.append(kill_and_start_again(both, "a").log)
        for step, name in enumerate(("b", "a"), start=2):
            wait_for_answers(crowd, (3 * turn + step) * n_answers // (3 * rounds + 1))
            assert both.servers[name].stop() == 0
            logs.append(both.start(name, workers=2).log)
            both.servers[name].wait_until_ready()
    organiser.server = both.servers["a"]
    crowd.think_seconds = 0.0
    replay.finish(crew)
    replay.wait_for_verdicts(organiser, call)

    answers = organiser.ask("GET", f"/calls/{call['id']}/answers?format=csv")
    rows = replay.read_rows(answers)
    assert len(crowd.accepted) == n_answers
    check_what_was_acknowledged(crowd, rows, maximum=10)
    check_verdicts_equal_aggregate(organiser, call, both.home, answers=answers)
    monkeypatch.setenv("DATABASE_URL", both.address)
    wait_until(lambda: owed_minor(database=None) == n_answers * replay.WON_PER_ANSWER)
    with postgres.connect("owner") as connection:
        assert failed_jobs(connection) == 0
    assert [log.read_text() for log in logs if "Traceback" in log.read_text()] == []


def test_what_one_server_gave_the_other_honours(database: Path, tmp_path: Path) -> None:
    with machines(database, tmp_path, name="given", template="template1") as both:
        # At the same moment, on a database that is empty yet.
        for name in ("a", "b"):
            both.start(name)
        for server in both.servers.values():
            server.wait_until_ready()
        a, b = both.servers["a"], both.servers["b"]
        organiser = replay.open_organisation(a, tmp_path / "a", **both.env)

        cookie = f"sessionid={sign_in(both)}"
        desks = [get(server, "/desk/replay/", Cookie=cookie) for server in (a, b)]
        picture = add_picture(organiser)
        shown = [get(server, picture) for server in (a, b)]
        call = replay.open_call(organiser, {"t": ["yes", "no"]})
        news = hear_both(both, call, Cookie=cookie)
        links = [server.log.read_text().count("/desk/welcome/") for server in (a, b)]

        assert [status for status, _ in desks] == [200, 200]
        assert shown[0] == shown[1]
        assert shown[0][0] == 200
        assert news == [b"event: change"] * 2
        assert links == [1, 1]
        assert ["Traceback" in server.log.read_text() for server in (a, b)] == [False, False]


def test_doctor_says_what_several_servers_must_have_in_common(
    database: Path, tmp_path: Path
) -> None:
    with machines(database, tmp_path, name="examined") as both:
        for name in ("a", "b"):
            both.start(name)
        for server in both.servers.values():
            server.wait_until_ready()
        known = {name: both.env[name] for name in ("DATABASE_URL", "DURE_SECRET_KEY")}
        well = examine(tmp_path / "a", **both.env)
        unshared = examine(tmp_path / "a", **known)
        stranger = examine(tmp_path / "c", **{**both.env, "DURE_SECRET_KEY": "another secret"})
        with psycopg.connect(both.address) as older:
            older.execute("set application_name = 'dure 0.0.9'")
            older.execute("select pg_advisory_lock_shared(%s, 1)", [postgres.SECRETS_LOCK])
            mixed = examine(tmp_path / "a", **both.env)
            older.execute("set application_name = ''")
            nameless = examine(tmp_path / "a", **both.env)
            in_data = examine(tmp_path / "a", **known, DURE_FILES=str(tmp_path / "a"))

    ours = f"dure {__version__}"
    same = "ok   what runs on this database has the secret key that is known here"
    other = (
        "fail what runs on this database has another secret key than is known here; "
        "set DURE_SECRET_KEY to the same, for servers and doctor"
    )
    folder = both.env["DURE_FILES"]
    files = f"ok   2 servers run on this database; be sure that {folder} is the same for all"
    assert well == [same, files, f"ok   every server is {ours}"]
    assert unshared[::2] == well[::2]
    assert unshared[1] == (
        "warn 2 servers run on this database, but DURE_FILES is not set: "
        "what is uploaded to one is missing on the others"
    )
    assert stranger == [other, files, f"ok   every server is {ours}"]
    assert mixed == [
        other,
        files.replace("2 servers", "3 servers"),
        (
            f"fail beside {ours}, dure 0.0.9 runs on this database; "
            "stop all servers, then start one version"
        ),
    ]
    assert nameless == [line.replace("dure 0.0.9", "an older version") for line in mixed]
    assert in_data[1] == mixed[1].replace(folder, str(tmp_path / "a"))


def examine(folder: Path, **env: str) -> list[str]:
    """What doctor says of servers that run together."""
    lines = run_dure(folder, "doctor", **env).stdout.splitlines()
    return [line for line in lines if "runs on" in line or "servers run" in line or "every" in line]


def test_server_with_another_secret_is_refused_while_the_first_runs(
    database: Path, tmp_path: Path
) -> None:
    with machines(database, tmp_path, name="secrets") as both:
        both.start("a").wait_until_ready()

        refused = both.start("b", DURE_SECRET_KEY="another secret")
        code = refused.process.wait(READY_SECONDS_MAX)
        status = ask(both.servers["a"], "/collect/")
        both.servers["a"].stop()
        both.start("b", DURE_SECRET_KEY="another secret").wait_until_ready()

        assert code == 2
        assert refused.log.read_text() == (
            "dure: Another server runs on this database with another secret key. "
            "Give all of them the same DURE_SECRET_KEY; to change it, stop them all first.\n"
        )
        assert status == 404


def test_older_version_leaves_a_newer_database_alone(database: Path, tmp_path: Path) -> None:
    with machines(database, tmp_path, name="newer") as both:
        with psycopg.connect(both.address, autocommit=True) as connection:
            connection.execute(
                "insert into django_migrations (app, name, applied)"
                " values ('tasks', '9999_of_tomorrow', now())"
            )

        refused = both.start("a")
        code = refused.process.wait(READY_SECONDS_MAX)

        assert code == 2
        assert refused.log.read_text() == (
            "dure: A newer version of Dure has migrated this database: tasks.9999_of_tomorrow is "
            "unknown to this one. Install that version, or restore a backup made before.\n"
        )


def kill_and_start_again(both: Machines, name: str) -> Server:
    both.servers[name].process.send_signal(signal.SIGKILL)
    both.servers[name].process.wait()
    server = both.start(name, workers=2)
    server.wait_until_ready()
    return server


def sign_in(both: Machines) -> str:
    """A session as the desk of the first server makes it."""
    done = subprocess.run(
        [sys.executable, "-c", SIGN_IN],
        env=both.servers["a"].environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def hear_both(both: Machines, call: dict[str, Any], **headers: str) -> list[bytes]:
    """What the boards of both servers are told when an answer comes in at the first one."""
    streams = []
    for server in both.servers.values():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        path = f"/desk/replay/calls/{call['id']}/events"
        connection.request("GET", path, headers={"Host": f"localhost:{server.port}", **headers})
        streams.append((connection, connection.getresponse()))
    for _, stream in streams:
        # Each listens from now on, and wakes all who came before.
        assert next_event(stream) == b"event: change"
    replay.be_first(replay.Crowd(call["slug"], both.ports["a"], {"t": ["yes", "no"]}))
    heard = [next_event(stream) for _, stream in streams]
    for connection, _ in streams:
        connection.close()
    return heard


def next_event(stream: http.client.HTTPResponse) -> bytes:
    while not (line := stream.readline().strip()).startswith(b"event"):
        assert not stream.isclosed()
    return line


def add_picture(organiser: replay.Organiser) -> str:
    """Its address."""
    head = 'Content-Disposition: form-data; name="file"; filename="a.png"'
    lines = [b"--edge", head.encode(), b"Content-Type: image/png", b"", corpus.picture("PNG")]
    body = b"\r\n".join([*lines, b"--edge--", b""])
    added = organiser.ask("POST", "/media", body, kind="multipart/form-data; boundary=edge")
    return str(added["added"][0]["address"])


def failed_jobs(connection: psycopg.Connection[tuple[object, ...]]) -> object:
    row = connection.execute("select count(*) from procrastinate_jobs where status = 'failed'")
    return (row.fetchone() or (None,))[0]


def address(server: Path, database: str) -> str:
    return f"postgresql://operator@{quote(str(server / 'postgres'), safe='')}/{database}"


def superuser(folder: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(folder / "postgres"), dbname="postgres", user="postgres", autocommit=True
    )
