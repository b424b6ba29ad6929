from __future__ import annotations

import io
import json

import duckdb
import numpy as np
import pytest

from dure.doors.files.bad_file import BadFile
from dure.doors.files.verdicts import copy_verdicts, stream_verdicts, write_verdicts

HARD = [0.1 + 0.2, 1 / 3, 5e-324]
COLUMNS = {
    "task": np.array(["01", 'a "b", c', "한글"], dtype=object),
    'p:it\'s "x"': np.array(HARD),
    "low": np.array([np.nan, -np.inf, np.inf]),
    "answers": np.array([1, 2, 3], np.int32),
}


def test_csv_reads_back_to_the_same_bits(tmp_path):
    path = tmp_path / "o'ut.csv"

    write_verdicts(COLUMNS, path=path)

    assert path.read_text(encoding="utf-8") == (
        'task,"p:it\'s ""x""",low,answers\n'
        "01,0.30000000000000004,,1\n"
        '"a ""b"", c",0.3333333333333333,-inf,2\n'
        "한글,5e-324,inf,3\n"
    )


TWINS = {
    "task": np.array(['a "b", c', "한글"], dtype=object),
    "p:a": np.array([0.25, 0.5]),
    "p:A": np.array([0.75, np.nan]),
    'p:"x", y': np.array([1.0, 2.0]),
}


def test_columns_that_differ_in_case_alone_keep_their_names(tmp_path):
    write_verdicts(TWINS, path=tmp_path / "o.csv")
    write_verdicts(TWINS, path=tmp_path / "o.jsonl")

    assert (tmp_path / "o.csv").read_text(encoding="utf-8") == (
        'task,p:a,p:A,"p:""x"", y"\n"a ""b"", c",0.25,0.75,1.0\n한글,0.5,,2.0\n'
    )
    lines = (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"task": 'a "b", c', "p:a": 0.25, "p:A": 0.75, 'p:"x", y': 1.0},
        {"task": "한글", "p:a": 0.5, "p:A": None, 'p:"x", y': 2.0},
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv", "o.jsonl"]


def test_parquet_refuses_columns_that_differ_in_case_alone(tmp_path):
    with pytest.raises(BadFile) as refusal:
        write_verdicts(TWINS, path=tmp_path / "o.parquet")

    assert str(refusal.value).endswith(
        ": a Parquet file can not hold columns that differ in case alone, got 'p:a' and 'p:A'; "
        "write CSV or JSONL"
    )
    assert list(tmp_path.iterdir()) == []


def test_folder_that_takes_no_files_is_named(tmp_path):
    # One that is gone, for whoever runs as root may write into any other.
    folder = tmp_path / "gone"

    with pytest.raises(BadFile) as refusal:
        copy_verdicts(COLUMNS, path=folder / "o.csv")

    assert str(refusal.value) == (
        f"{folder}: no file can be written here; check your rights and the space that is left"
    )


def test_jsonl_is_valid_json_without_infinities(tmp_path):
    path = tmp_path / "out.jsonl"

    write_verdicts(COLUMNS, path=path)

    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [row['p:it\'s "x"'] for row in rows] == HARD
    assert [row["low"] for row in rows] == [None, None, None]


def test_parquet_keeps_bits_and_infinities(tmp_path):
    path = tmp_path / "out.parquet"

    write_verdicts(COLUMNS, path=path)

    rows = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    assert rows == [
        ("01", HARD[0], None, 1),
        ('a "b", c', HARD[1], -np.inf, 2),
        ("한글", HARD[2], np.inf, 3),
    ]


def test_stream_gets_the_same_csv(tmp_path):
    stream = io.BytesIO()
    write_verdicts(COLUMNS, path=tmp_path / "out.csv")

    stream_verdicts(COLUMNS, stream=stream)

    assert stream.getvalue() == (tmp_path / "out.csv").read_bytes()


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")

    with pytest.raises(duckdb.Error):
        write_verdicts({"a": np.array([1]), "A": np.array([1, 2])}, path=path)

    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]
    assert path.read_text() == "old"


def test_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadFile) as refusal:
        write_verdicts(COLUMNS, path=tmp_path / "no" / "out.csv")

    assert str(refusal.value) == f"{tmp_path}/no: there is no such folder; make it first"
