from __future__ import annotations

import pytest

from dure.doors.files.bad_file import BadFile
from dure.doors.files.whole_files import written_whole


def test_file_takes_its_place_when_it_is_finished(tmp_path):
    path = tmp_path / "out.svg"
    path.write_text("old")

    with written_whole(path) as unfinished:
        unfinished.write_text("new")
        assert (unfinished.parent, unfinished.suffix, path.read_text()) == (
            tmp_path,
            ".svg",
            "old",
        )

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("out.svg", "new")]


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "out.svg"
    path.write_text("old")

    with pytest.raises(KeyboardInterrupt):
        _write_half(path)

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("out.svg", "old")]


def test_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadFile) as refusal, written_whole(tmp_path / "no" / "out.svg"):
        pass

    assert str(refusal.value) == f"{tmp_path}/no: there is no such folder; make it first"


def _write_half(path):
    with written_whole(path) as unfinished:
        unfinished.write_text("half")
        raise KeyboardInterrupt
