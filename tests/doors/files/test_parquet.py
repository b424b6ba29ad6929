from __future__ import annotations

import duckdb
import pytest

from dure.doors.files.bad_file import BadFile
from dure.doors.files.parquet import csv_to_parquet


def test_types_and_order_are_kept_and_codes_stay_text(tmp_path):
    src, dst = tmp_path / "a.csv", tmp_path / "a.parquet"
    src.write_text(
        'task,answer,late,at\n02,"a, b",true,2026-01-02T03:04:05Z\n01,,false,\n',
        encoding="utf-8",
    )

    csv_to_parquet(src, dst, types={"late": "BOOLEAN", "at": "TIMESTAMPTZ"})

    described = duckdb.execute("DESCRIBE FROM read_parquet(?)", [str(dst)]).fetchall()
    rows = duckdb.execute(
        'SELECT task, answer, late, epoch("at") FROM read_parquet(?)',
        [str(dst)],
    ).fetchall()
    assert [row[1] for row in described] == [
        "VARCHAR",
        "VARCHAR",
        "BOOLEAN",
        "TIMESTAMP WITH TIME ZONE",
    ]
    assert rows == [("02", "a, b", True, 1767323045.0), ("01", None, False, None)]


def test_what_does_not_convert_is_refused_and_leaves_no_file(tmp_path):
    src, dst = tmp_path / "a.csv", tmp_path / "a.parquet"
    src.write_text("n\nx\n")

    with pytest.raises(BadFile) as refusal:
        csv_to_parquet(src, dst, types={"n": "DOUBLE"})

    assert str(refusal.value).startswith("a.csv: does not convert to Parquet (")
    assert not dst.exists()


def test_type_for_a_column_that_is_not_there_is_refused(tmp_path):
    src = tmp_path / "a.csv"
    src.write_text("n\n1\n")

    with pytest.raises(BadFile) as refusal:
        csv_to_parquet(src, tmp_path / "a.parquet", types={"m": "DOUBLE"})

    assert str(refusal.value) == "a.csv: line 1, column m: there is no such column"
