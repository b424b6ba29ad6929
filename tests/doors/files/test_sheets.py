"""Tables as offices make them: told by content, read line by line, bad lines told one by one."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.doors.files import sheets, workbooks
from dure.doors.files.sheets import guess_mapping, map_rows, open_sheet, read_sheet
from dure.doors.files.task_rows import BadLine
from dure.errors import Invalid

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def put(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


def rows(folder: Path, content: bytes, *, name: str = "x.csv") -> list[Any]:
    return list(read_sheet(open_sheet(put(folder, content), name=name)))


def workbook(cells: str) -> bytes:
    """The few members that make a workbook, with these rows of XML on its one sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(
            "[Content_Types].xml",
            (
                f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                '<Default Extension="rels" ContentType='
                '"application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
                'officedocument.spreadsheetml.sheet.main+xml"/></Types>'
            ),
        )
        packed.writestr("_rels/.rels", relation("officeDocument", "xl/workbook.xml"))
        packed.writestr("xl/_rels/workbook.xml.rels", relation("worksheet", "sheet1.xml"))
        packed.writestr(
            "xl/workbook.xml",
            (
                f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
                '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
            ),
        )
        packed.writestr(
            "xl/sheet1.xml",
            (f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'),
        )
    return out.getvalue()  # fmt: skip


def relation(kind: str, target: str) -> str:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return (
        f'{HEAD}<Relationships xmlns="{space}">'
        f'<Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def words(text: str, place: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp949", "cp949"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_korean_table_is_read_in_each_encoding_and_with_each_delimiter(
    tmp_path: Path, encoding: str, found: str, delimiter: str
) -> None:
    content = delimiter.join(["번호", "문장"]) + "\r\n" + delimiter.join(["1", "똠방각하 새"])
    sheet = open_sheet(put(tmp_path, content.encode(encoding)), name="x.csv")

    assert (sheet.kind, sheet.encoding, sheet.columns) == ("csv", found, ["번호", "문장"])
    assert list(read_sheet(sheet)) == [(2, {"번호": "1", "문장": "똠방각하 새"})]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(table=st.lists(st.lists(TEXT, min_size=2, max_size=2), min_size=1, max_size=5),
       encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))  # fmt: skip
def test_whatever_csv_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["key", "text"], *table])

    found = rows(tmp_path_factory.mktemp("csv"), out.getvalue().encode(encoding))

    wanted = [{"key": key, "text": text} for key, text in table if key or text]
    assert [row[1] for row in found] == wanted


def test_bad_lines_are_told_and_those_after_them_read(tmp_path: Path) -> None:
    content = b'key,text\n1,a\n2\n3,"open\n4,d\n\n5,\x00\n6,f\n'

    found = rows(tmp_path, content)

    good = [(row[0], row[1]["key"]) for row in found if not isinstance(row, BadLine)]
    bad = {row.line: row.reason for row in found if isinstance(row, BadLine)}
    assert good == [(2, "1"), (5, "4"), (8, "6")]
    assert sorted(bad) == [3, 4, 7]
    assert bad[3] == "Expected 2 columns as in the first line, got 1."


def test_headers_get_names_of_their_own(tmp_path: Path) -> None:
    sheet = open_sheet(put(tmp_path, b" a ,,a\n1,2,3\n"), name="x.csv")

    assert sheet.columns == ["a", "column 2", "a (2)"]


def test_many_columns_of_one_name_are_told_apart_at_once(tmp_path: Path) -> None:
    sheet = open_sheet(put(tmp_path, b",".join([b"a"] * 499 + [b"a (3)"]) + b"\n"), name="x.csv")

    assert sheet.columns[:3] == ["a", "a (2)", "a (3)"]
    assert sheet.columns[-2:] == ["a (499)", "a (3) (2)"]
    assert len(set(sheet.columns)) == 500


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", b"a," * 20_000 + b"a\n"),
        ("x.jsonl", b"{" + b",".join(b'"%d":1' % n for n in range(20_001)) + b"}\n"),
    ],
)
def test_table_with_very_many_columns_is_refused_at_once(
    tmp_path: Path, name: str, content: bytes
) -> None:
    with pytest.raises(Invalid) as refused:
        open_sheet(put(tmp_path, content), name=name)

    assert refused.value.sentence == (
        f"{name} has 20001 columns, and the most is 500; keep those that the tasks need."
    )


@pytest.mark.parametrize("indent", [None, 2])
def test_list_of_objects_is_read_like_lines_of_them(tmp_path: Path, indent: int | None) -> None:
    things = [
        {"key": "1", "content": {"text": "가"}},
        5,
        {"key": "3", "text": "b\0"},
        {"text": "c"},
    ]
    content = json.dumps(things, indent=indent, ensure_ascii=False).encode()

    sheet = open_sheet(put(tmp_path, content), name="x.json")
    found = list(read_sheet(sheet))

    assert (sheet.kind, sheet.columns) == ("json", ["key", "text"])
    assert [one if isinstance(one, tuple) else one.line for one in found] == [
        (1, {"key": "1", "text": "가"}), 2, 3, (4, {"text": "c"}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "came"),
    [
        (b'[\n{"key": "1"},\n', "no JSON ("),
        (b'[\n{"key": "\xff"}]', "no JSON ("),
        (b"[" + b" " * 200 + b"]", "a JSON list of 202 bytes, and the most is 100"),
        (b"[" * 60 + b"]" * 60, "no JSON (it nests deeper than 50 levels"),
    ],
)
def test_list_that_can_not_be_read_is_refused_with_the_way_out(
    tmp_path: Path, content: bytes, came: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "LIST_BYTES_MAX", 150 if "deeper" in came else 100)

    with pytest.raises(Invalid) as refused:
        open_sheet(put(tmp_path, content), name="x.json")

    assert f"x.json is {came}" in refused.value.sentence
    assert refused.value.sentence.endswith("; write one object on each line.")


def test_line_that_nests_very_deep_is_told_like_a_broken_one(tmp_path: Path) -> None:
    deep = b'{"key": "z", "text": ' + b"[" * 1000 + b"]" * 1000 + b"}\n"

    (line,) = rows(tmp_path, deep, name="x.jsonl")

    assert line == BadLine(
        1, "This is not JSON (it nests deeper than 50 levels); write one object on each line."
    )


def test_empty_file_says_what_was_expected(tmp_path: Path) -> None:
    (bad,) = rows(tmp_path, b"")

    assert bad.line == 1
    assert bad.reason.startswith("The file is empty; expected a first line")


def test_objects_are_flattened_and_broken_ones_told(tmp_path: Path) -> None:
    content = b'{"key": "1", "content": {"text": "a"}, "n": 5}\nnope\n{"key": "2", "gold": "x"}\n'
    sheet = open_sheet(put(tmp_path, content), name="x.jsonl")

    found = list(read_sheet(sheet))

    assert (sheet.kind, sheet.columns) == ("jsonl", ["key", "text", "n", "gold"])
    assert found[0] == (1, {"key": "1", "text": "a", "n": 5})
    assert isinstance(found[1], BadLine)
    assert found[2] == (3, {"key": "2", "gold": "x"})


def test_workbook_gives_texts_as_excel_shows_them(tmp_path: Path) -> None:
    cells = (
        f'<row r="1">{words("id", "A1")}{words("문장", "B1")}{words("n", "C1")}</row>'
        f'<row r="3"><c r="A3"><v>3</v></c>{words("새 &amp; 배", "B3")}'
        '<c r="C3"><v>0.1</v></c></row>'
    )
    sheet = open_sheet(put(tmp_path, workbook(cells)), name="misnamed.csv")

    assert (sheet.kind, sheet.columns) == ("xlsx", ["id", "문장", "n"])
    ((line, row),) = [one for one in read_sheet(sheet) if not isinstance(one, BadLine)]
    assert row == {"id": "3", "문장": "새 & 배", "n": "0.1"}
    assert line == 3


def test_workbook_that_would_take_all_memory_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = workbook(f'<row r="1">{words("a", "A1")}</row><row r="1048576">'
                    f'{words("b", "XFD1048576")}</row>')  # fmt: skip
    with pytest.raises(Invalid, match="cells large"):
        open_sheet(put(tmp_path, wide), name="x.xlsx")

    monkeypatch.setattr(workbooks, "UNPACKED_BYTES_MAX", 100)
    with pytest.raises(Invalid, match="bytes unpacked"):
        open_sheet(put(tmp_path, workbook("")), name="x.xlsx")


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"])
def test_what_only_looks_like_a_workbook_is_refused_with_the_way_out(
    tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(Invalid, match=r"Expected CSV, JSONL or an Excel workbook"):
        open_sheet(put(tmp_path, content), name="x.xlsx")


@pytest.mark.parametrize(
    ("columns", "sample", "mapping"),
    [
        (["ID", "Comment", "Label"], [], {"ID": "key", "Comment": "text", "Label": "gold"}),
        (["번호", "사진", "정답"], [], {"번호": "key", "사진": "image", "정답": "gold"}),
        (["왼쪽", "오른쪽"], [], {"왼쪽": "left", "오른쪽": "right"}),
        (["c1", "c2"], [{"c1": "a", "c2": "a longer text"}], {"c2": "text"}),
        (["c1"], [{"c1": "x/y.JPG"}], {"c1": "image"}),
        (["text", "text 2"], [], {"text": "text"}),
    ],
)
def test_columns_are_guessed_by_name_then_by_content(
    columns: list[str], sample: list[dict[str, Any]], mapping: dict[str, str]
) -> None:
    assert guess_mapping(columns, sample) == mapping


def test_rows_without_a_key_get_one_of_their_content() -> None:
    given_rows: list[Any] = [(2, {"t": "a", "g": "x"}), (3, {"t": "a", "g": "y"}), (4, {"t": "b"}),
                             (5, {"t": " "}), BadLine(6, "bad")]  # fmt: skip

    found = list(map_rows(given_rows, {"t": "text", "g": "gold"}))

    keys = [row[1]["key"] for row in found[:3]]  # type: ignore[index]
    assert keys[0] == keys[1] != keys[2]
    assert all(key.startswith("row-") for key in keys)
    assert isinstance(found[3], BadLine)
    assert found[4] == BadLine(6, "bad")


def test_items_are_read_as_lists() -> None:
    found = list(map_rows([(2, {"k": "1", "i": "a|b"}), (3, {"k": "2", "i": "[broken"})],
                          {"k": "key", "i": "items"}))  # fmt: skip

    assert found[0] == (2, {"key": "1", "content": {"items": ["a", "b"]}})
    assert isinstance(found[1], BadLine)
