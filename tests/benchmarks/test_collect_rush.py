"""What holds in `dure bench collect-rush` however fast the machine is, with its own code."""

from __future__ import annotations

from pathlib import Path

import collect_rush

from tests.ready import give_database

PHONES = 200


def test_everyone_who_opens_the_link_at_once_gets_a_task_and_none_is_over_its_maximum(
    tmp_path: Path,
) -> None:
    give_database(tmp_path / "data")

    figures = collect_rush.prove(phones=PHONES, folder=tmp_path / "data")

    expected = {
        "phones": PHONES,
        "under_served": 0,
        "unheard": 0,
        "over_max": 0,
        "doubled": 0,
        "counters_wrong": 0,
        "tally_off_by": 0,
    }
    assert {name: figures[name] for name in expected} == expected
