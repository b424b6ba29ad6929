from __future__ import annotations

import pytest

from dure.doors.cli.aggregation import Request, aggregate_file
from dure.doors.files.bad_file import BadFile


def test_steps_are_told_in_order(tmp_path):
    answers = tmp_path / "a.csv"
    answers.write_text("task,worker,answer\nt,w,a\n")
    told = []

    notes = aggregate_file(Request(str(answers), str(tmp_path / "o.csv")), advance=told.append)

    assert (told, notes) == (["Fitting", "Writing", "Done"], [])


def test_refused_options_are_refused_before_anything_is_read(tmp_path):
    request = Request("absent.csv", str(tmp_path / "o.csv"), kind="number", classes="a,b")

    with pytest.raises(BadFile) as refusal:
        aggregate_file(request, advance=lambda name: None)

    assert str(refusal.value) == "--classes has no meaning for numbers; leave it out."
