"""Uploaded tables wait for their call alone, and not for ever."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest

from dure import postgres
from dure.calls.models import Upload
from dure.calls.tasks import uploading
from dure.calls.tasks.models import Task
from dure.clock import now
from dure.errors import Invalid
from tests.calls.media import corpus
from tests.factories import make_call

pytestmark = pytest.mark.django_db
PICTURES = {"cat": corpus.picture("PNG"), "dog": corpus.picture("PNG", size=(9, 9))}


def written(
    folder: Path, content: bytes = b"key,text\n1,a\n", *, name: str = "a.csv"
) -> uploading.Kept:
    place = folder / "x"
    place.write_bytes(content)
    return uploading.Kept(name, place)


def packed(n_files: int, *, n_bytes: int = 1) -> bytes:
    # Bytes that do not pack.
    return corpus.packed({f"{n}.png": os.urandom(n_bytes) for n in range(n_files)})


def test_file_waits_for_its_call_until_its_days_are_over(tmp_path: Path) -> None:
    call = make_call(n_tasks=0)
    files = [("b.png", io.BytesIO(b"x"))]

    table = written(tmp_path, name="../a\\b.csv")
    kept = uploading.keep_upload(call=call, table=table, files=files, by="x")

    assert uploading.place_of_upload(kept).read_bytes() == b"key,text\n1,a\n"
    assert kept.name == "a/b.csv"
    with pytest.raises(uploading.NoSuchUpload):
        uploading.find_upload(call=make_call(n_tasks=0), upload_id=kept.pk)
    Upload.objects.update(at=now() - timedelta(days=3))
    uploading.drop_old_uploads()
    with pytest.raises(uploading.NoSuchUpload):
        uploading.find_upload(call=call, upload_id=kept.pk)
    assert not list(uploading.place_of_upload(kept).parent.glob(f"{kept.token}*"))


def test_more_than_fits_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "KEPT_BYTES_MAX", 2**20)
    folder = postgres.data_folder() / "uploads"
    before = set(folder.glob("*"))

    with pytest.raises(Invalid, match="Send at most 1 MB at once"):
        uploading.keep_upload(
            call=make_call(n_tasks=0),
            table=written(tmp_path),
            files=[("a.zip", io.BytesIO(bytes(2**20 + 1)))],
            by="x",
        )

    assert set(folder.glob("*")) == before
    assert not Upload.objects.exists()


def test_what_takes_long_is_for_the_background(tmp_path: Path) -> None:
    def is_large(table: bytes = b"text\na\n", **files: bytes) -> bool:
        kept = uploading.keep_upload(
            call=call,
            table=written(tmp_path, table),
            files=[(name, io.BytesIO(content)) for name, content in files.items()],
            by="x",
        )
        return uploading.is_large(kept)

    call = make_call(n_tasks=0)

    assert not is_large()
    assert not is_large(a=packed(20))
    assert is_large(b"text\n" + b"a\n" * 2**20)
    assert is_large(a=packed(21))
    assert is_large(a=packed(1, n_bytes=5 * 2**20))
    assert is_large(**{f"n{n}": b"x" for n in range(21)})


def test_two_clicks_ask_for_one_job(tmp_path: Path) -> None:
    kept = uploading.keep_upload(call=make_call(n_tasks=0), table=written(tmp_path), by="x")
    asked: list[int] = []

    for _ in range(2):
        uploading.queue_upload(upload=kept, defer=lambda: asked.append(kept.pk))
    uploading.map_upload(upload=kept, mapping={"text": "key"})

    kept.refresh_from_db()
    assert asked == [kept.pk]
    assert kept.state == "waiting"
    assert kept.mapping == {}


def test_same_path_in_two_zips_is_told_apart_by_the_zips_names() -> None:
    files = [(f"{name}.zip", io.BytesIO(corpus.packed({"1.png": content, "only.png": content})))
             for name, content in PICTURES.items()]  # fmt: skip
    call = make_call(n_tasks=0)
    kept = uploading.keep_upload(call=call, table=None, files=files, by="x")

    uploading.bring_in(upload=kept, read=lambda _: [])

    keys = sorted(Task.objects.filter(call=call).values_list("key", flat=True))
    assert keys == ["cat/1.png", "cat/only.png", "dog/1.png", "dog/only.png"]
    assert kept.left_out == []


def test_two_files_of_one_name_are_told() -> None:
    files = [("1.png", io.BytesIO(content)) for content in PICTURES.values()]
    call = make_call(n_tasks=0)
    kept = uploading.keep_upload(call=call, table=None, files=files, by="x")

    uploading.bring_in(upload=kept, read=lambda _: [])

    assert Task.objects.filter(call=call).count() == 1
    assert kept.left_out == [
        ["1.png", "Another file of this name came before it; rename it and send it again."]
    ]
