"""Tables that wait on disk until somebody has said what their columns are."""

from __future__ import annotations

import secrets
import shutil
from datetime import timedelta
from pathlib import Path

from dure import postgres
from dure.calls.media.storing import clean_name
from dure.calls.models import Call, Upload
from dure.clock import now
from dure.errors import Unknown

KEPT_DAYS = 2


class NoSuchUpload(Unknown):
    """This file is not here any more; send it again."""

    code = "unknown-upload"


def keep_upload(*, call: Call, source: Path, name: str, media: dict[str, str], by: str) -> Upload:
    """A file for a call's tasks; `media` are addresses by the names they had beside it."""
    drop_old_uploads()
    made = Upload(
        call=call,
        token=secrets.token_urlsafe(18),
        name=clean_name(name),
        bytes=source.stat().st_size,
        media=media,
        at=now(),
        by=by,
    )
    place = place_of_upload(made)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)
    made.save()
    return made


def find_upload(*, call: Call, upload_id: int) -> Upload:
    found = Upload.objects.filter(call=call, pk=upload_id).first()
    if found is None or not place_of_upload(found).is_file():
        raise NoSuchUpload
    return found


def place_of_upload(upload: Upload) -> Path:
    return postgres.data_folder() / "uploads" / upload.token


def drop_old_uploads() -> None:
    old = list(Upload.objects.filter(at__lt=now() - timedelta(days=KEPT_DAYS))[:100])
    for upload in old:
        place_of_upload(upload).unlink(missing_ok=True)
    Upload.objects.filter(pk__in=[upload.pk for upload in old]).delete()
