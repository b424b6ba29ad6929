"""Uploaded tables wait for their call alone, and not for ever."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dure.calls.models import Upload
from dure.calls.tasks import uploading
from dure.clock import now
from tests.factories import make_call

pytestmark = pytest.mark.django_db


def test_file_waits_for_its_call_until_its_days_are_over(tmp_path: Path) -> None:
    source = tmp_path / "x"
    source.write_bytes(b"key,text\n1,a\n")
    call = make_call(n_tasks=0)

    kept = uploading.keep_upload(call=call, source=source, name="../a\\b.csv", media={}, by="x")

    assert uploading.place_of_upload(kept).read_bytes() == b"key,text\n1,a\n"
    assert "/" not in kept.name
    assert "\\" not in kept.name
    with pytest.raises(uploading.NoSuchUpload):
        uploading.find_upload(call=make_call(n_tasks=0), upload_id=kept.pk)
    Upload.objects.update(at=now() - timedelta(days=3))
    uploading.drop_old_uploads()
    with pytest.raises(uploading.NoSuchUpload):
        uploading.find_upload(call=call, upload_id=kept.pk)
