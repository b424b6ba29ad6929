from __future__ import annotations

import duckdb
import pytest

from dure.doors.files.bad_file import BadFile
from dure.doors.files.tables import place_of_row, read_columns

CSV = b'\xef\xbb\xbftask,note,answer\r\n01,"a,\r\nb",x\r\n\r\n1,,"say ""yes"""\r\n'
EXPECTED = {"task": ["01", "1"], "answer": ["x", 'say "yes"']}


def test_csv_keeps_texts_as_written(tmp_path):
    path = _file(tmp_path, "a.csv", CSV)

    assert read_columns(path, file="a.csv", required=["task", "answer"]) == EXPECTED


def test_jsonl_and_parquet_give_the_same_texts(tmp_path):
    jsonl = _file(
        tmp_path,
        "a.jsonl",
        b'{"task": "01", "answer": "x"}\n\n{"answer": "say \\"yes\\"", "task": 1, "more": [1]}\n',
    )
    parquet = tmp_path / "a.parquet"
    columns = "columns={'task': 'VARCHAR', 'answer': 'VARCHAR'}"
    duckdb.execute(
        f"COPY (SELECT * FROM read_json('{jsonl}', {columns})) TO '{parquet}' (FORMAT parquet)"
    )

    assert read_columns(jsonl, file="a", required=["task", "answer"]) == EXPECTED
    assert read_columns(parquet, file="a", required=["task", "answer"]) == EXPECTED


def test_mixed_line_ends_and_other_separators_are_read(tmp_path):
    mixed = _file(tmp_path, "a.csv", b'task;answer\r\n"p\nq";x\n2;y\r\n')

    assert read_columns(mixed, file="a.csv", required=["task", "answer"]) == {
        "task": ["p\nq", "2"],
        "answer": ["x", "y"],
    }


def test_numbers_in_json_are_texts_and_missing_ones_empty(tmp_path):
    path = _file(tmp_path, "a.jsonl", b'{"task": 1, "answer": 3.5}\n{"task": "2"}\n')

    assert read_columns(path, file="a", required=["task", "answer"]) == {
        "task": ["1", "2"],
        "answer": ["3.5", ""],
    }


@pytest.mark.parametrize("name", ["a[1].csv", "a*.csv", "a[b]?.jsonl"])
def test_names_with_wildcards_mean_the_one_file(tmp_path, name):
    _file(tmp_path, "a1.csv", b"task\nother\n")
    path = _file(tmp_path, name, b'{"task": "1"}' if name.endswith("l") else b"task\n1\n")

    assert read_columns(path, file=name, required=["task"]) == {"task": ["1"]}


def test_optional_column_may_be_absent(tmp_path):
    path = _file(tmp_path, "a.csv", b"task\n1\n")

    found = read_columns(path, file="a.csv", required=["task"], optional=["late"])

    assert found == {"task": ["1"]}


def test_row_is_found_on_its_line_past_blank_lines_and_line_ends_in_quotes(tmp_path):
    path = _file(tmp_path, "a.csv", CSV)

    assert [place_of_row(path, row) for row in (0, 1)] == [{"line": 2}, {"line": 5}]


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        (
            "a.csv",
            b"task,answer\n1,x\n2\n",
            "a.csv: line 3: expected 2 columns as in the first line, got 1",
        ),
        (
            "a.csv",
            "task,answer\n1,x\n2,\uc608\n".encode("cp949"),
            "a.csv: line 3: is not UTF-8 text; save the file as UTF-8",
        ),
        (
            "a.csv",
            b'task,answer\n1,x\n2,"y\n',
            "a.csv: line 3: is not CSV (unexpected end of data)",
        ),
        (
            "a.csv",
            b"",
            "a.csv: line 1: is empty; expected a first line that names the columns",
        ),
        (
            "a.csv",
            b"task,value\n",
            (
                "a.csv: line 1, column answer: there is no such column among task, value; "
                "rename it or name it with --columns"
            ),
        ),
        (
            "a.csv",
            b"task,answer,task\n1,2,3\n",
            "a.csv: line 1, column task: occurs more than once; keep one",
        ),
        (
            "a.jsonl",
            b'{"task": 1}\n{"task"\n',
            "a.jsonl: line 2: is not JSON (Expecting ':' delimiter: line 2 column 1 (char 8))",
        ),
        (
            "a.jsonl",
            b"[1]\n",
            'a.jsonl: line 1: expected an object, as in {"task": "1"}',
        ),
        (
            "a.xlsx",
            b"",
            (
                "a.xlsx: expected a name ending in .csv, .jsonl or .parquet, got .xlsx; "
                "rename the file after its format"
            ),
        ),
    ],
)
def test_bad_files_are_refused_by_line_and_column(tmp_path, name, body, sentence):
    path = _file(tmp_path, name, body)

    with pytest.raises(BadFile) as refusal:
        read_columns(path, file=name, required=["task", "answer"])

    assert str(refusal.value) == sentence


@pytest.mark.parametrize("depth", [300, 5000])
def test_line_that_nests_very_deep_is_refused_by_its_number(tmp_path, depth):
    deep = b'{"task": "1", "answer": ' + b"[" * depth + b"]" * depth + b"}\n"
    path = _file(tmp_path, "a.jsonl", deep + b'{"task"\n')

    with pytest.raises(BadFile) as refusal:
        read_columns(path, file="a.jsonl", required=["task", "answer"])

    assert str(refusal.value).startswith("a.jsonl: line 1: ")


def test_absent_file_and_false_parquet_are_refused(tmp_path):
    false = _file(tmp_path, "a.parquet", b"PAR1 or not")

    with pytest.raises(BadFile) as absent:
        read_columns(tmp_path / "b.csv", file="b.csv", required=["task"])
    with pytest.raises(BadFile) as unread:
        read_columns(false, file="a.parquet", required=["task"])

    assert str(absent.value) == "b.csv: there is no such file; check the name"
    assert str(unread.value).startswith("a.parquet: is not Parquet that can be read (")


def _file(folder, name, body):
    path = folder / name
    path.write_bytes(body)
    return path
