"""pgbench beside the collecting door: the same cycles, straight at the same SQL functions."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from _cycles import key_of
from _served import Served, socket_folder

from dure import embedded

# pgbench says how far it is each second: what came before all was warm is left out.
PROGRESS = re.compile(r"progress: ([\d.]+) s, ([\d.]+) tps, lat ([\d.]+) ms")
PROCESSED = re.compile(r"transactions actually processed: (\d+)")
FAILED = re.compile(r"number of failed transactions: (\d+)")
STEPS = re.compile(r"^ +([\d.]+) +\d+ +select ", re.MULTILINE)
LOCK_TIMEOUT = """
select split_part(setting, '=', 2) from pg_proc, unnest(proconfig) setting
where oid = to_regprocedure(%s) and setting like 'lock_timeout=%%'
"""
# Each client's people take turns, as they do on the phones.
SCRIPT = r"""\set who :client_id * :people_each + 1 + :n % :people_each
\set n :n + 1
select coalesce((tasks::json->0->>'id')::bigint, 0) as task from collect.take_turns(:call, array[sha256((PREFIX || :who)::bytea)], array[1], '[]') \gset
select fates[1] from collect.take_turns(:call, array[sha256((PREFIX || :who)::bytea)], array[0], jsonb_build_array(jsonb_build_object('turn', 1, 'id', gen_random_uuid(), 'task', :task::bigint, 'phase', 'first', 'ms', 1200, 'value', substr('abcd', 1 + :task % 4, 1), 'text', null, 'is_skip', false, 'prediction', null)));
"""  # noqa: E501  pgbench reads a statement with \gset to the end of its line


@dataclass(frozen=True)
class Direct:
    """What pgbench did: `cycles` of all time, the rate after warming up, milliseconds a step."""

    cycles: int
    per_second: float
    step_ms: tuple[float, ...]


def pgbench(
    platform: Served, call: int, *, clients: int, people_each: int, seconds: float, warm: float
) -> Direct:
    """The same two steps by the same people, straight at the functions, as the door's own role."""
    script = platform.folder / "cycle.sql"
    script.write_text(SCRIPT.replace("PREFIX", f"'{key_of(0)[:-1]}'"))
    command = [str(embedded.tool("pgbench")), "-M", "prepared", "-n", "-r", "-P", "1"]
    command += ["-j", str(min(2, clients)), "-c", str(clients), "-T", str(round(warm + seconds))]
    command += [f"-Dcall={call}", f"-Dpeople_each={people_each}", "-Dn=0", "-f", str(script)]
    place = {"PGHOST": str(socket_folder(platform.folder)), "PGDATABASE": "dure"}
    with _waiting_for_locks(platform):
        done = subprocess.run(
            command,
            env={**os.environ, **place, "PGUSER": "dure_collect"},
            capture_output=True,
            text=True,
            check=False,
        )
    processed, failed = PROCESSED.search(done.stdout), FAILED.search(done.stdout)
    if done.returncode or not processed or not failed or failed[1] != "0":
        raise RuntimeError(done.stdout + done.stderr)
    rates = [float(tps) for at, tps, _ in PROGRESS.findall(done.stderr) if float(at) > warm + 0.5]
    steps = tuple(float(ms) for ms in STEPS.findall(done.stdout))
    return Direct(int(processed[1]), sum(rates) / len(rates), steps)


@contextmanager
def _waiting_for_locks(platform: Served) -> Iterator[None]:
    """pgbench can not try again as the door does: its clients wait for a lock, however long."""
    name = "collect.take_turns(bigint, bytea[], integer[], jsonb)"
    with platform.connect() as owner:
        row = owner.execute(LOCK_TIMEOUT, [name.replace(" ", "")]).fetchone()
        if row is None:
            yield
            return
        owner.execute(f"alter function {name} reset lock_timeout".encode())
        try:
            yield
        finally:
            owner.execute(f"alter function {name} set lock_timeout = '{row[0]}'".encode())
