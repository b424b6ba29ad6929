"""A real `dure serve` on a platform of its own, with open calls, for whatever puts load on it.

People whose keys are known, calls and tasks are written straight into the tables; everybody else
comes by HTTP.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import psycopg
from _cycles import Outcome, Plan, key_of
from _processes import children_of, command_of

from dure import postgres

HERE = Path(__file__).parent
COMMAND = str(Path(sys.executable).with_name("dure"))
READY_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 60.0
TASKS_AT_ONCE = 20_000
# The load comes from one address and answers faster than people do.
WITHOUT_LIMITS = {"DURE_COLLECT_ADDRESS_RATE": "0", "DURE_COLLECT_PERSON_RATE": "0"}

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
    %(min)s, %(max)s, %(target)s, %(lease_s)s, '{"kind": "nothing"}', '[]'
from people_organisation where slug = 'bench';
insert into people_contributor (call_id, person_id, pseudonym)
select c.id, p.id, 'w' || p.id from calls_call c, people_person p where c.slug = %(slug)s
"""
# By the platform's own function, which passes over tasks that are there already.
TASKS = """
select count(added) from calls_call c cross join lateral (
    select array_agg('task-' || n order by n) as keys,
        array_agg(jsonb_build_object('text', 'A thing of number ' || n || ' seen by '
            || (array['gulls', 'terns', 'crows', 'cats'])[1 + n %% 4]) order by n) as contents,
        array_agg('null'::jsonb) as golds
    from generate_series(%(first)s::int, %(last)s::int) n
) made cross join lateral tasks_add(c.id, c.answers_max, keys, contents, golds) added
where c.slug = %(slug)s
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
    """One running `dure serve`; `folder` is its data folder, `slug` the call added last."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    slug: str = ""
    n_tasks: int = 0

    def connect(self, user: str = "dure_owner", database: str = "dure") -> psycopg.Connection[Any]:
        host = str(socket_folder(self.folder))
        return psycopg.connect(host=host, dbname=database, user=user, autocommit=True)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the tables say, asked as their owner."""
        with self.connect() as owner:
            return owner.execute(statement.encode(), values or None).fetchall()

    def add_people(self, n: int) -> None:
        """With the keys that `key_of` gives; before the calls, which they all join."""
        with self.connect() as owner:
            psycopg.ClientCursor(owner).execute(PEOPLE, {"people": n, "prefix": key_of(0)[:-1]})

    def add_call(
        self, slug: str, *, tasks: int, answers: tuple[int, int, float | None] = (3, 5, 0.95),
        lease_s: int = 300,
    ) -> int:  # fmt: skip
        """An open call with its tasks; `answers` are min, max and target. Gives its id."""
        facts = dict(zip(("min", "max", "target"), answers, strict=True))
        with self.connect() as owner:
            psycopg.ClientCursor(owner).execute(CALL, {"slug": slug, "lease_s": lease_s, **facts})
        self.slug, self.n_tasks = slug, 0
        self.add_tasks(tasks)
        return int(self.rows("select id from calls_call where slug = %s", slug)[0][0])

    def add_tasks(self, n: int) -> None:
        """So many more to the last call; after a failure it may be called again."""
        until = self.n_tasks + n
        while self.n_tasks < until:
            last = min(until, self.n_tasks + TASKS_AT_ONCE)
            facts = {"slug": self.slug, "first": self.n_tasks + 1, "last": last}
            with self.connect() as owner:
                owner.execute(TASKS, facts)
                owner.execute("select tasks_analyze_after(%s)", [last - self.n_tasks])
            self.n_tasks = last

    def settle(self) -> None:
        """After tables were filled: statistics, and nothing left to write."""
        with self.connect("postgres") as superuser:
            superuser.execute("vacuum analyze")
            superuser.execute("checkpoint")

    def count_rows(self, slug: str) -> Rows:
        (row,) = self.rows(ROWS, slug)
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
        busy = self.rows(
            "select from pg_stat_activity where usename = 'dure_app' and xact_start is not null"
        )
        if not busy:
            return True
        for process in worker:
            os.kill(process, signal.SIGCONT)
        return False


@contextmanager
def served(*, workers: int, folder: Path | None = None) -> Iterator[Served]:
    """An empty platform, in a folder that is gone afterwards unless it is given."""
    with tempfile.TemporaryDirectory(prefix="dure-bench-") as made:
        folder = folder or Path(made) / "data"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DURE_", "DATABASE_URL"))}
        environment = {**kept, **WITHOUT_LIMITS, "DURE_DATA": str(folder)}
        try:
            with _serve(folder, environment, workers) as platform:
                _run([COMMAND, "org", "create", "bench", "--owner", "a@example.org"], environment)
                yield platform
        finally:
            # After a kill -9 of the supervisor it lives on.
            with patch.dict(os.environ, DURE_DATA=str(folder)):
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


def socket_folder(folder: Path) -> Path:
    with patch.dict(os.environ, DURE_DATA=str(folder)):
        return postgres.socket_folder()


@contextmanager
def _serve(folder: Path, environment: dict[str, str], workers: int) -> Iterator[Served]:
    """How it goes is in the folder's serve.log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port), "--workers", str(workers)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(folder, process)
        yield Served(folder, port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS_MAX)


def _wait_until_ready(folder: Path, process: subprocess.Popen[bytes]) -> None:
    log = folder / "serve.log"
    deadline = time.monotonic() + READY_SECONDS_MAX
    while "Dure serves http" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text())
        time.sleep(0.05)


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
