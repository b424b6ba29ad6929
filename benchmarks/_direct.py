"""pgbench beside the collecting door: the same cycles, straight at the same SQL functions."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass

from _phones import key_of
from _served import Served, socket_folder

from dure import embedded

# pgbench says how far it is each second: what came before all was warm is left out.
PROGRESS = re.compile(r"progress: ([\d.]+) s, ([\d.]+) tps, lat ([\d.]+) ms")
PROCESSED = re.compile(r"transactions actually processed: (\d+)")
FAILED = re.compile(r"number of failed transactions: (\d+)")
STEPS = re.compile(r"^ +([\d.]+) +\d+ +select ", re.MULTILINE)
# Each client's people take turns, as they do on the phones.
WHO = r"""\set who :client_id * :people_each + 1 + :n % :people_each
\set n :n + 1
"""
TWO_FUNCTIONS = WHO + (
    "select coalesce((collect.lease_tasks(:call, sha256((:'prefix' || :who)::bytea), 1)"
    "->'tasks'->0->>'id')::bigint, 0) as task \\gset\n"
    "select collect.submit_answers(:call, sha256((:'prefix' || :who)::bytea), jsonb_build_array("
    "jsonb_build_object('id', gen_random_uuid(), 'task', :task::bigint, 'phase', 'first', "
    "'ms', 1200, 'value', substr('abcd', 1 + :task % 4, 1), 'text', null, 'is_skip', false, "
    "'prediction', null)), 0);\n"
)
TURNS = WHO + (
    "select coalesce((tasks->0->>'id')::bigint, 0) as task from collect.take_turns(:call, "
    "array[sha256((:'prefix' || :who)::bytea)], array[1], '[]') \\gset\n"
    "select fates[1] from collect.take_turns(:call, "
    "array[sha256((:'prefix' || :who)::bytea)], array[0], jsonb_build_array("
    "jsonb_build_object('turn', 1, 'id', gen_random_uuid(), 'task', :task::bigint, "
    "'phase', 'first', 'ms', 1200, 'value', substr('abcd', 1 + :task % 4, 1), 'text', null, "
    "'is_skip', false, 'prediction', null)));\n"
)


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
    text = TURNS if platform.has_turns() else TWO_FUNCTIONS
    script.write_text(text.replace(":'prefix'", f"'{key_of(0)[:-1]}'"))
    facts = {"call": call, "people_each": people_each, "n": 0}
    done = subprocess.run(
        [str(embedded.tool("pgbench")), "-M", "prepared", "-n", "-r", "-P", "1",
         "-j", str(min(2, clients)), "-c", str(clients), "-T", str(round(warm + seconds)),
         *(f"-D{name}={value}" for name, value in facts.items()), "-f", str(script)],
        env={**os.environ, "PGHOST": str(socket_folder(platform.folder)), "PGUSER": "dure_collect",
             "PGDATABASE": "dure"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    processed, failed = PROCESSED.search(done.stdout), FAILED.search(done.stdout)
    if done.returncode or not processed or not failed or failed[1] != "0":
        raise RuntimeError(done.stdout + done.stderr)
    rates = [float(tps) for at, tps, _ in PROGRESS.findall(done.stderr) if float(at) > warm + 0.5]
    steps = tuple(float(ms) for ms in STEPS.findall(done.stdout))
    return Direct(int(processed[1]), sum(rates) / len(rates), steps)
