"""What was sent is sorted, and nothing of it goes without a word."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from dure.doors.desk import parcels
from dure.doors.desk.parcels import NOT_READ, Parcel, open_parcel
from dure.errors import Invalid
from tests.calls.media import corpus

TABLE = b"text\na\n"


def opened(folder: Path, *sent: tuple[str, bytes]) -> Parcel:
    return open_parcel([(name, io.BytesIO(content)) for name, content in sent], folder)


def told(parcel: Parcel) -> tuple[str | None, list[str], list[str]]:
    """The table's name, those of what may be media, those of what is left out."""
    name = parcel.table.name if parcel.table else None
    return name, [name for name, _ in parcel.files], [name for name, _ in parcel.left_out]


def test_first_table_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    content = corpus.packed({"data/b.csv": TABLE, "c.xlsx": TABLE, "a.png": b"x"})

    parcel = opened(tmp_path, ("a.csv", b"text\nfirst\n"), ("all.zip", content), ("d.txt", TABLE))

    assert told(parcel) == ("a.csv", ["all.zip"], ["data/b.csv", "c.xlsx", "d.txt"])
    assert {why for _, why in parcel.left_out} == {NOT_READ}
    assert parcel.table is not None
    assert parcel.table.place.read_bytes() == b"text\nfirst\n"


def test_notes_in_a_zip_of_pictures_are_no_table(tmp_path: Path) -> None:
    notes = corpus.packed({"README.txt": b"x", "meta.json": b"{}", "a.png": b"x"})
    both = corpus.packed({"README.txt": b"x", "data/tasks.csv": TABLE})
    alone = corpus.packed({"sentences.txt": TABLE})

    assert told(opened(tmp_path, ("a.zip", notes))) == (None, ["a.zip"], [])
    assert told(opened(tmp_path, ("b.zip", both))) == ("data/tasks.csv", ["b.zip"], [])
    assert told(opened(tmp_path, ("c.zip", alone))) == ("sentences.txt", ["c.zip"], [])


@pytest.mark.parametrize("content", [b"", b"no zip", corpus.packed({"a.csv": TABLE})[:60]])
def test_broken_zip_is_left_to_the_store_of_media(tmp_path: Path, content: bytes) -> None:
    parcel = opened(tmp_path, ("a.zip", content))

    assert told(parcel) == (None, ["a.zip"], [])


def test_table_in_a_zip_that_never_ends_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "TABLE_BYTES_MAX", 2**20)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"a" * (2**20 + 1))

    with pytest.raises(Invalid, match="A table has at most 1 MB here"):
        opened(tmp_path, ("a.zip", out.getvalue()))


def test_table_is_put_where_we_say(tmp_path: Path) -> None:
    content = corpus.packed({"../../out.csv": TABLE})

    parcel = opened(tmp_path, ("a.zip", content))

    assert parcel.table is not None
    assert parcel.table == ("out.csv", tmp_path / "table")
    assert list(tmp_path.iterdir()) == [tmp_path / "table"]
