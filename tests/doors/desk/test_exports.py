"""Files of exports, as those at the desk take them home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dure.calls.models import Export
from dure.calls.tasks.exports import place_of
from dure.clock import now
from dure.doors.desk import exports
from tests.doors.desk.office import make_office

ROWS = b"task,answer\n"

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Client, str]:
    monkeypatch.setenv("DURE_FILES", str(tmp_path))
    office = make_office()
    export = Export.objects.create(
        call=office.call, what="answers", form="csv", token="e", state="done", at=now()
    )
    place_of(export).parent.mkdir()
    place_of(export).write_bytes(ROWS)
    names = {"org": "harbour", "call_id": office.call.pk, "export_id": export.pk}
    return office.client("reader"), reverse("desk-export-file", kwargs=names)


def test_file_is_told_as_what_it_is(made: tuple[Client, str]) -> None:
    client, address = made

    response = client.get(address)

    assert response.getvalue() == ROWS
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Length"] == str(len(ROWS))


def test_file_that_is_purged_once_it_is_open_is_sent_to_its_end(
    made: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Purged(type(Path())):  # type: ignore[misc]
        def open(self, *arguments: Any, **options: Any) -> Any:
            file = super().open(*arguments, **options)
            self.unlink()
            return file

    client, address = made
    monkeypatch.setattr(exports, "place_of", lambda export: Purged(place_of(export)))

    first, second = client.get(address), client.get(address)

    assert (first.status_code, first.getvalue()) == (200, ROWS)
    assert second.status_code == 404
