from __future__ import annotations

import io
import tracemalloc

import pytest

from dure.doors.files.task_rows import LINE_BYTES_MAX, BadLine, read_task_rows

NOT_UTF8 = "This is not UTF-8 text; save the file as UTF-8."
NUL = "There is a NUL character, which no text has; is this a text file?"
BYTES_KEPT_MAX = 3_000_000


def test_csv_lines_become_tasks_with_their_line_numbers():
    body = '\ufeffkey,gold,text,image\r\n01,yes,"두\n줄",\r\n\r\n2,,hi,/a.png\r\n'

    assert _csv(body.encode()) == [
        (2, {"key": "01", "content": {"text": "두\n줄"}, "gold": "yes"}),
        (5, {"key": "2", "content": {"text": "hi", "image": "/a.png"}}),
    ]


def test_items_are_a_json_list_or_bars():
    body = b'key,items\n1,"[""a"", ""b""]"\n2,a|b\n3,[a\n'

    assert _csv(body) == [
        (2, {"key": "1", "content": {"items": ["a", "b"]}}),
        (3, {"key": "2", "content": {"items": ["a", "b"]}}),
        BadLine(4, 'Expected items as a JSON list, as in ["a", "b"], or as a|b.'),
    ]


def test_jsonl_lines_become_tasks_nested_or_flat():
    body = b'\xef\xbb\xbf{"key": "1", "content": {"text": {"ko": "x"}}, "gold": 3}\n\n'
    body += b'{"key": "2", "text": "t"}'

    assert _jsonl(body) == [
        (1, {"key": "1", "content": {"text": {"ko": "x"}}, "gold": 3}),
        (3, {"key": "2", "content": {"text": "t"}}),
    ]


def test_bad_csv_lines_are_reported_and_the_rest_goes_on():
    long = b"x" * (LINE_BYTES_MAX + 5)
    body = b"\n".join(
        [
            b"key,text",
            b"1,good",
            b"2",
            b"3,a\0b",
            b"4,\xb0\xa1",
            b",no key",
            b"6,",
            b"7," + long,
            b'8,"a"b',
            b"9,good",
            b'10,"open',
            b"",
        ]
    )

    assert _csv(body) == [
        (2, {"key": "1", "content": {"text": "good"}}),
        BadLine(3, "Expected 2 columns as in the first line, got 1."),
        BadLine(4, NUL),
        BadLine(5, NOT_UTF8),
        BadLine(6, "Expected a key of text that is not empty, got none."),
        BadLine(
            7,
            "The task has no content; give any of text, image, audio, video, left, right, items.",
        ),
        BadLine(8, "The line is longer than 1000000 bytes; split it or link to the content."),
        BadLine(
            9,
            "This is not CSV (',' expected after '\"'); "
            'write a quotation mark inside a quoted field as "".',
        ),
        (10, {"key": "9", "content": {"text": "good"}}),
        BadLine(
            11,
            "A field that begins here is longer than 131072 characters or its quotation mark is "
            'never closed; close it, and write a quotation mark inside as "".',
        ),
    ]


def test_bad_jsonl_lines_are_reported_and_the_rest_goes_on():
    body = b"\n".join(
        [
            b'{"key": "1", "content": {"text": "good"}}',
            b"[1]",
            b"{",
            b'{"key": 5, "text": "a"}',
            b'{"key": "6", "txt": "a"}',
            b'{"key": "7", "content": 3}',
            b'{"key": "8", "text": "\xff"}',
            b'{"key": "9", "text": "\\u0000"}',
            b'{"key": "10", "text": "\\\\u0000"}',
        ]
    )

    assert _jsonl(body) == [
        (1, {"key": "1", "content": {"text": "good"}}),
        BadLine(2, 'Expected an object, as in {"key": "1", "content": {"text": "Hi"}}.'),
        BadLine(
            3,
            "This is not JSON (unexpected end of data); write one object on each line.",
        ),
        BadLine(4, "Expected a key of text that is not empty, got 5."),
        BadLine(
            5,
            "There is no field 'txt'; the fields are "
            "key, gold, text, image, audio, video, left, right, items.",
        ),
        BadLine(6, 'Expected content to be an object, as in {"text": "Hi"}.'),
        BadLine(7, NOT_UTF8),
        BadLine(8, NUL),
        (9, {"key": "10", "content": {"text": "\\u0000"}}),
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            b"",
            "The file is empty; expected a first line that names the columns, as in key,text.",
        ),
        (
            b"id,text\n1,a\n",
            "There is no column 'key' among id, text; name the column of task keys.",
        ),
        (
            b"key,text,text\n1,a,b\n",
            "The column 'text' occurs more than once; keep one.",
        ),
        ("key,text\n".encode("utf-16"), NOT_UTF8),
        (b"key,te\0xt\n", NUL),
    ],
)
def test_header_that_cannot_be_used_ends_the_file(body, reason):
    assert _csv(body) == [BadLine(1, reason)]


def test_unknown_column_is_reported_and_left_out():
    assert _csv(b"key,glod,text\n1,a,b\n") == [
        BadLine(
            1,
            "Column 'glod' is left out; the columns are "
            "key, gold, text, image, audio, video, left, right, items.",
        ),
        (2, {"key": "1", "content": {"text": "b"}}),
    ]


def test_empty_jsonl_is_reported():
    assert _jsonl(b"\n") == [
        BadLine(1, 'The file is empty; expected one {"key": ..., "content": ...} on a line.')
    ]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_hundred_thousand_lines_pass_in_constant_memory(tmp_path, kind):
    path = tmp_path / "tasks"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("key,text\n" if kind == "csv" else "")
        for key in range(100_000):
            text = "무엇" * 20
            line = f"{key},{text}\n" if kind == "csv" else f'{{"key":"{key}","text":"{text}"}}\n'
            stream.write(line)

    tracemalloc.start()
    n_good = sum(isinstance(row, tuple) for row in read_task_rows(path, kind))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert n_good == 100_000
    assert peak_bytes < BYTES_KEPT_MAX


def _csv(body):
    return list(read_task_rows(io.BytesIO(body), "csv"))


def _jsonl(body):
    return list(read_task_rows(io.BytesIO(body), "jsonl"))
