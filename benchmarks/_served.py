"""A real `dure serve` on a platform of its own, with open calls and people whose keys are known.

For whatever puts load on the collecting door. PostgreSQL is the embedded one with its own
settings, but for more connections (pgbench needs one a client) and those that a benchmark names.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg
from _cycles import Outcome, Plan, key_of
from _processes import children_of, command_of
from _serving import start, wait_until_ready

from dure import embedded, postgres

HERE = Path(__file__).parent
COMMAND = str(Path(sys.executable).with_name("dure"))
ANSWERS_MAX = 5
CONNECTIONS_MAX = 300
READY_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 60.0
# Whatever limits what one person or one address may send is not what is measured here.
ENVIRONMENT = {"DURE_COLLECT_ADDRESS_RATE": "0", "DURE_COLLECT_PERSON_RATE": "0"}

PEOPLE = """
insert into people_person (id) select n from generate_series(1, %(people)s) n;
insert into people_personkey (person_id, hash)
select n, sha256(convert_to(%(prefix)s || n, 'UTF8')) from generate_series(1, %(people)s) n
"""
CALL = """
insert into calls_call (organisation_id, slug, kind, state, visibility, language, title, brief,
    question, answers_min, answers_max, answers_target, lease_s, promise, topics)
select id, %(slug)s, 'tasks', 'open', 'sealed', 'en', '"Load"', '""', '{"type": "choice",
    "text": "Which?", "predict": false, "options": [{"value": "a", "label": "A"},
    {"value": "b", "label": "B"}, {"value": "c", "label": "C"}, {"value": "d", "label": "D"}]}',
    3, %(max)s, 0.95, %(lease_s)s, '{"kind": "nothing"}', '[]'
from people_organisation where slug = 'bench';
insert into tasks_task (call_id, key, content)
select c.id, 'task-' || n, jsonb_build_object('text', 'A thing of number ' || n
    || ' seen by ' || (array['gulls', 'terns', 'crows', 'cats'])[1 + n %% 4])
from calls_call c, generate_series(1, %(tasks)s) n where c.slug = %(slug)s;
insert into tasks_taskprogress (call_id, task_id, capacity)
select t.call_id, t.id, %(max)s from tasks_task t join calls_call c on c.id = t.call_id
where c.slug = %(slug)s;
insert into tasks_tally (call_id, slot, tasks)
select id, 0, %(tasks)s from calls_call where slug = %(slug)s;
insert into people_contributor (call_id, person_id, pseudonym)
select c.id, p.id, 'w' || p.id from calls_call c, people_person p where c.slug = %(slug)s
"""
# Of one call: answers that count, people who answered a task twice, tasks with more answers than
# their maximum, tasks whose counts are not those of their rows.
ROWS = """
select
    (select count(*) from tasks_answer where call_id = c.id and not is_late),
    (select count(*) from (select from tasks_answer where call_id = c.id
        group by task_id, contributor_id having count(*) > 1) twice),
    (select count(*) from (select from tasks_answer where call_id = c.id and not is_late
        group by task_id having count(*) > c.answers_max) over_max),
    (select count(*) from tasks_taskprogress p left join (
        select task_id, count(*) as n from tasks_answer
        where call_id = c.id and not is_late and not is_skip group by task_id) a using (task_id)
        where p.call_id = c.id and p.counted <> coalesce(a.n, 0))
from calls_call c where c.slug = %s
"""


@dataclass(frozen=True)
class Rows:
    answers: int
    doubled: int
    over_max: int
    miscounted: int


@dataclass
class Served:
    """One running `dure serve`; `folder` is its data folder."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    people: int

    def connect(self, user: str = "dure_owner", database: str = "dure") -> psycopg.Connection[Any]:
        host = str(socket_folder(self.folder))
        return psycopg.connect(host=host, dbname=database, user=user, autocommit=True)

    def add_call(self, slug: str, *, tasks: int, lease_s: int = 300) -> int:
        """An open call whose tasks nobody has seen, which all people have joined; gives its id."""
        facts = {"slug": slug, "tasks": tasks, "max": ANSWERS_MAX, "lease_s": lease_s}
        with self.connect() as owner:
            psycopg.ClientCursor(owner).execute(CALL, facts)
            row = owner.execute("select id from calls_call where slug = %s", [slug]).fetchone()
        assert row is not None
        return int(row[0])

    def settle(self) -> None:
        """After tables were filled: statistics, and nothing left to write."""
        with self.connect("postgres") as superuser:
            superuser.execute("vacuum analyze")
            superuser.execute("checkpoint")

    def count_rows(self, slug: str) -> Rows:
        with self.connect() as owner:
            row = owner.execute(ROWS, [slug]).fetchone()
        assert row is not None
        return Rows(*row)

    @contextmanager
    def worker_held(self) -> Iterator[None]:
        """The job worker stands still, with no transaction open, until the block ends."""
        worker = self.processes("dure.doors.cli.worker")
        deadline = time.monotonic() + READY_SECONDS_MAX
        try:
            while not self._hold(worker):
                assert time.monotonic() < deadline, "the worker is never between two jobs"
                time.sleep(0.1)
            yield
        finally:
            for process in worker:
                os.kill(process, signal.SIGCONT)

    def processes(self, module: str) -> list[int]:
        """The supervisor's child that runs a module, and that one's own children."""
        found = [
            child for child in children_of(self.process.pid) if module.encode() in command_of(child)
        ]
        return found + [grandchild for child in found for grandchild in children_of(child)]

    def _hold(self, worker: list[int]) -> bool:
        for process in worker:
            os.kill(process, signal.SIGSTOP)
        with self.connect() as owner:
            row = owner.execute(
                "select count(*) from pg_stat_activity "
                "where usename = 'dure_app' and xact_start is not null"
            ).fetchone()
        if row == (0,):
            return True
        for process in worker:
            os.kill(process, signal.SIGCONT)
        return False


@contextmanager
def served(
    *, people: int, workers: int, settings: dict[str, str] | None = None
) -> Iterator[Served]:
    """A platform in a folder that is gone afterwards; `settings` are of its PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="dure-bench-") as name:
        folder = Path(name)
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DURE_DATABASE")}
        environment = {**kept, **ENVIRONMENT, "DURE_DATA": name}
        try:
            _start_database(folder, settings or {})
            owner = ["--owner", "bench@example.org"]
            _run([COMMAND, "org", "create", "bench", *owner], environment)
            with _serve(folder, environment, workers) as (process, port):
                platform = Served(folder, port, process, people)
                with platform.connect() as connection:
                    facts = {"people": people, "prefix": key_of(0)[:-1]}
                    psycopg.ClientCursor(connection).execute(PEOPLE, facts)
                yield platform
        finally:
            with _data_folder(folder):
                postgres.stop()


def play(plan: Plan) -> Outcome:
    """The phones of a plan, in a process of their own."""
    done = subprocess.run(
        [sys.executable, str(HERE / "_cycles.py")],
        input=orjson.dumps(asdict(plan)),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return Outcome(**orjson.loads(done.stdout))


def _start_database(folder: Path, settings: dict[str, str]) -> None:
    """Before `dure serve`, which takes over a server that it finds running."""
    own = dict(embedded.SERVER_SETTINGS)
    embedded.SERVER_SETTINGS.update({"max_connections": str(CONNECTIONS_MAX), **settings})
    try:
        with _data_folder(folder):
            postgres.start()
    finally:
        embedded.SERVER_SETTINGS.clear()
        embedded.SERVER_SETTINGS.update(own)


@contextmanager
def _serve(
    folder: Path, environment: dict[str, str], workers: int
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    process, port = start(folder, environment, workers=workers)
    try:
        wait_until_ready(folder, process)
        yield process, port
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS_MAX)


@contextmanager
def _data_folder(folder: Path) -> Iterator[None]:
    """Dure's own functions ask the environment where the data is."""
    before = os.environ.get("DURE_DATA")
    os.environ["DURE_DATA"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("DURE_DATA")
        if before is not None:
            os.environ["DURE_DATA"] = before


def socket_folder(folder: Path) -> Path:
    with _data_folder(folder):
        return postgres.socket_folder()


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
