"""What holds in `dure bench collect-soak` however fast the machine is, with its own code."""

from __future__ import annotations

from pathlib import Path

import collect_soak
import pytest

from tests.ready import give_database

FAULTLESS = {
    "leases_leaked": 0,
    "leases_never_freed": 0,
    "answers_refused": 0,
    "doubled": 0,
    "over_max": 0,
    "counters_wrong": 0,
    "tally_off_by": 0,
}
WEB_GROWTH_MB_MAX = 20


def test_short_shift_leaves_no_lease_and_no_count_behind(tmp_path: Path) -> None:
    figures = prove(tmp_path / "data", seconds=4, flat_out_seconds=2, lease_s=4)

    assert {name: figures[name] for name in FAULTLESS} == FAULTLESS


@pytest.mark.drill
def test_long_shift_leaves_nothing_behind_and_memory_where_it_was(tmp_path: Path) -> None:
    figures = prove(tmp_path / "data", seconds=300, flat_out_seconds=10, lease_s=30)

    assert {name: figures[name] for name in FAULTLESS} == FAULTLESS
    assert figures["leases_of_lost_phones"] > 0
    # What leases that are over leave behind is cleared away while the shift goes on.
    assert figures["vacuums"] > 0
    assert figures["web_growth_mb"] < WEB_GROWTH_MB_MAX


def prove(
    folder: Path, *, seconds: float, flat_out_seconds: float, lease_s: int
) -> dict[str, float]:
    give_database(folder)
    return collect_soak.prove(
        seconds=seconds,
        flat_out_seconds=flat_out_seconds,
        lease_s=lease_s,
        tasks=2000,
        folder=folder,
    )
