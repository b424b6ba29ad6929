"""The proof of `dure bench collect-faults`, with its own code: shorter, and as long as it is."""

from __future__ import annotations

from pathlib import Path

import collect_faults
import pytest

from tests.ready import give_database

# Nothing acknowledged is lost, nothing counts twice, no counter says other than its rows.
FAULTLESS = {
    "lost": 0,
    "fate_changed": 0,
    "never_acknowledged": 0,
    "refused": 0,
    "forgotten": 0,
    "doubled": 0,
    "over_max": 0,
    "counters_wrong": 0,
    "tally_off_by": 0,
    "leases_leaked": 0,
}


def test_no_answer_is_lost_or_doubled_when_the_server_is_killed_three_times(tmp_path: Path) -> None:
    prove(tmp_path / "data", kills=3, moment_seconds=(0.1, 0.5))


@pytest.mark.drill
def test_no_answer_is_lost_or_doubled_when_the_server_is_killed_ten_times(tmp_path: Path) -> None:
    prove(tmp_path / "data", kills=10, moment_seconds=collect_faults.MOMENT_SECONDS)


def prove(folder: Path, *, kills: int, moment_seconds: tuple[float, float]) -> None:
    give_database(folder)

    figures = collect_faults.prove(
        kills=kills, seed=1, moment_seconds=moment_seconds, folder=folder
    )

    assert {name: figures[name] for name in FAULTLESS} == FAULTLESS
    assert figures["kills"] == kills
    assert figures["acknowledged"] > collect_faults.FLOWS_AFTER_ANSWERS * (kills + 1)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("1.5\taccepted\t00000000-0000-4000-8000-000000000001\t7\tw1", {"lost": 0}),
        ("1.5\taccepted\t00000000-0000-4000-8000-000000000001\t8\tw1", {"lost": 1}),
        ("1.5\taccepted\t00000000-0000-4000-8000-000000000001\t7\tw2", {"lost": 1}),
        ("1.5\taccepted\t00000000-0000-4000-8000-000000000002\t7\tw1",
         {"lost": 1, "never_acknowledged": 1}),
        ("1.5\tlate\t00000000-0000-4000-8000-000000000001\t7\tw1", {"lost": 0, "fate_changed": 1}),
        ("1.5\tno-lease\t00000000-0000-4000-8000-000000000003\t7\tw1",
         {"refused": 1, "never_acknowledged": 1}),
        ("1.5\tforgotten\t\t0\tw1", {"forgotten": 1, "never_acknowledged": 1}),
    ],
)  # fmt: skip
def test_what_is_not_stored_as_it_was_acknowledged_is_found(
    tmp_path: Path, line: str, found: dict[str, int]
) -> None:
    notes = collect_faults.Notes(tmp_path / "notes")
    notes.file.write_text(f"{line}\nhalf a li")
    stored = {"00000000-0000-4000-8000-000000000001": (7, "w1", False)}

    notes.read()
    figures = collect_faults.hold_against(notes, stored)

    assert {name: figures[name] for name in found} == found
