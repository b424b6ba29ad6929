"""A real recorded crowd goes through a real server, and what was acknowledged holds."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dure import postgres
from tests import replay
from tests.serving import Server, environment_of, run_dure, running_server, start_server, wait_until

ACCURACY_LOSS_MAX = 0.01
# Of a part of the crowd so many tasks may go either way by whose answers came late.
TASKS_LOST_MAX = 3
KILLS = 5


def check_what_was_acknowledged(
    crowd: replay.Crowd, rows: list[dict[str, str]], *, maximum: int
) -> None:
    """Invariants 1 to 3, from the export alone."""
    stored = Counter(row["id"] for row in rows)
    in_time = [row for row in rows if row["late"] == "false"]
    assert set(stored.values()) == {1}
    assert crowd.accepted == {row["id"] for row in in_time}
    assert crowd.late == {row["id"] for row in rows} - crowd.accepted
    assert max(Counter(row["task"] for row in in_time).values()) <= maximum
    assert max(Counter((row["task"], row["worker"]) for row in rows).values()) == 1
    assert {refused["reason"] for refused in crowd.refused} <= {"already-answered"}


def check_verdicts_equal_aggregate(
    organiser: replay.Organiser, call: dict[str, Any], folder: Path, *, answers: bytes
) -> list[dict[str, str]]:
    verdicts = organiser.ask("GET", f"/calls/{call['id']}/verdicts?format=csv")
    (folder / "answers.csv").write_bytes(answers)
    out = folder / "verdicts.csv"
    done = run_dure(folder, "aggregate", str(folder / "answers.csv"), "--out", str(out))
    assert done.returncode == 0, done.stderr
    live = sorted(replay.read_rows(verdicts), key=lambda row: row["task"])
    again = sorted(replay.read_rows(out.read_bytes()), key=lambda row: row["task"])
    assert live == again
    return live


def check_accuracy(
    live: list[dict[str, str]], rows: list[dict[str, str]], truth: dict[str, str]
) -> None:
    accuracy = sum(row["label"] == truth[row["task"]] for row in live) / len(live)
    in_time = [row for row in rows if row["late"] == "false"]
    loss_max = max(ACCURACY_LOSS_MAX, TASKS_LOST_MAX / len(live))
    assert accuracy >= replay.majority_accuracy(in_time, truth) - loss_max


@pytest.mark.drill
def test_whole_recorded_crowd_is_stored_once_and_concluded_as_aggregate_would(
    tmp_path: Path, crowds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay_with_backup(tmp_path, crowds, monkeypatch, n_tasks=800)


def test_part_of_a_crowd_is_stored_once_and_concluded_as_aggregate_would(
    tmp_path: Path, crowds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay_with_backup(tmp_path, crowds, monkeypatch, n_tasks=200)


def replay_with_backup(
    tmp_path: Path, crowds: Path, monkeypatch: pytest.MonkeyPatch, *, n_tasks: int
) -> None:
    recorded, truth = read_crowd(crowds, n_tasks=n_tasks)
    n_answers = 10 * n_tasks
    with running_server(tmp_path / "data") as server:
        organiser = replay.open_organisation(server, tmp_path / "data")
        call = replay.open_call(organiser, recorded)
        crowd = replay.Crowd(call["slug"], server.port, recorded)
        # The first fit of all may compile its code; a backup before it would have none to prove.
        replay.be_first(crowd)
        replay.wait_for_verdicts(organiser, call)

        crew = replay.walk(crowd)
        wait_for_answers(crowd, n_answers // 2)
        before = set(crowd.accepted)
        backup = run_dure(tmp_path / "data", "backup", str(tmp_path / "backup.tar"))
        replay.finish(crew)
        replay.wait_for_verdicts(organiser, call)

        answers = organiser.ask("GET", f"/calls/{call['id']}/answers?format=csv")
        rows = replay.read_rows(answers)
        assert min(crowd.doubled, crowd.lost, crowd.forgotten, len(crowd.late)) > 0
        assert len(crowd.accepted) == n_answers
        check_what_was_acknowledged(crowd, rows, maximum=10)
        live = check_verdicts_equal_aggregate(organiser, call, tmp_path, answers=answers)
        check_accuracy(live, rows, truth)
        monkeypatch.setenv("DURE_DATA", str(tmp_path / "data"))
        wait_until(lambda: owed_minor() == n_answers * replay.WON_PER_ANSWER)
        monkeypatch.undo()
    assert backup.returncode == 0, backup.stderr
    check_restored(
        tmp_path / "restored", tmp_path / "backup.tar", n_counted=(len(before), n_answers)
    )


def read_crowd(crowds: Path, *, n_tasks: int) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Of the crowd that was recorded, what it said of its first tasks; and the truth."""
    recorded, truth = replay.read_recorded(crowds / "rte")
    return dict(list(recorded.items())[:n_tasks]), truth


def owed_minor(*, database: str | None = postgres.DATABASE) -> int:
    """What the ledger of the server under test says is owed to contributors."""
    with postgres.connect("app", database=database) as connection:
        row = connection.execute(
            "select coalesce(sum(e.amount_minor), 0)::bigint from ledger_entry e"
            " join ledger_ledgeraccount a on a.id = e.account_id where a.purpose = 'owed_to'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def check_restored(folder: Path, backup: Path, *, n_counted: tuple[int, int]) -> None:
    """What was saved in the middle is whole, and says the same when it is computed again."""
    restored = run_dure(folder, "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    again = subprocess.run(
        [sys.executable, "-m", "tests.recompute"],
        env=environment_of(folder),
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    found = json.loads(again.stdout)
    assert found["runs_differ"] == []
    assert found["n_runs"] > 0
    assert found["verdicts_are_the_last_runs"]
    assert found["ledger_is_sound"]
    assert found["owed_minor"] == found["accrued_minor"]
    least, most = n_counted
    assert least <= found["n_counted"] <= most


@pytest.mark.drill
def test_recorded_crowd_survives_five_kills_of_the_server(tmp_path: Path, crowds: Path) -> None:
    replay_with_kills(tmp_path, crowds, kills=KILLS, n_tasks=800)


def test_part_of_a_crowd_survives_a_kill_of_the_server(tmp_path: Path, crowds: Path) -> None:
    replay_with_kills(tmp_path, crowds, kills=1, n_tasks=100)


def replay_with_kills(tmp_path: Path, crowds: Path, *, kills: int, n_tasks: int) -> None:
    recorded, truth = read_crowd(crowds, n_tasks=n_tasks)
    folder = tmp_path / "data"
    with running_server(folder) as first:
        server = first
        organiser = replay.open_organisation(server, folder)
        call = replay.open_call(organiser, recorded)
        crowd = replay.Crowd(call["slug"], server.port, recorded)
        crew = replay.walk(crowd)
        for kill in range(kills):
            wait_for_answers(crowd, (kill + 1) * n_tasks * 10 // (kills + 1))
            server = kill_and_start_again(server, folder)
        try:
            organiser.server = server
            replay.finish(crew)
            replay.wait_for_verdicts(organiser, call)
            answers = organiser.ask("GET", f"/calls/{call['id']}/answers?format=csv")
            rows = replay.read_rows(answers)
            check_what_was_acknowledged(crowd, rows, maximum=10)
            live = check_verdicts_equal_aggregate(organiser, call, tmp_path, answers=answers)
            check_accuracy(live, rows, truth)
        finally:
            code = server.stop()
        assert code == 0


def wait_for_answers(crowd: replay.Crowd, n: int) -> None:
    deadline = time.monotonic() + 600
    while len(crowd.accepted) < n:
        assert time.monotonic() < deadline, f"only {len(crowd.accepted)} answers came"
        time.sleep(0.01)


def kill_and_start_again(server: Server, folder: Path) -> Server:
    server.process.kill()
    server.process.wait()
    again = start_server(folder, port=server.port)
    again.wait_until_ready()
    return again
