from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest
from django.test import Client

from dure.calls.tasks.verdicts import decide_tasks
from tests.doors.api.asking import Organiser, body_of, give
from tests.factories import HOW_MANY, WHICH_NAME, make_call


@pytest.mark.parametrize("what", ["verdicts", "answers"])
@pytest.mark.parametrize("question", [None, HOW_MANY])
def test_parquet_holds_what_the_other_formats_hold(
    live_db: str, tmp_path: Path, what: str, question: dict[str, object] | None
) -> None:
    call = make_call(question=question)
    for _ in range(3):
        give(call, *((1.25, None) if question else ("yes", None)))
    decide_tasks(call_id=call.pk)
    organiser = Organiser(call.organisation, scope="read")
    bodies = {
        form: body_of(organiser.get(f"/calls/{call.pk}/{what}?format={form}"))
        for form in ("csv", "jsonl", "json", "parquet")
    }

    file = tmp_path / "export.parquet"
    file.write_bytes(bodies["parquet"])
    with duckdb.connect() as reader:
        found = reader.execute("from read_parquet(?)", [str(file)])
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    lines = [json.loads(line) for line in bodies["jsonl"].splitlines()]
    header = next(csv.reader(io.StringIO(bodies["csv"].decode())))

    if what == "answers":
        lines = [{**line, "answer": line["answer"] and str(line["answer"])} for line in lines]
    assert names == header
    assert rows == lines
    assert len(json.loads(bodies["json"])[what]) == len(lines) > 0


def test_an_export_is_a_download_that_no_cache_keeps(live_db: str) -> None:
    call = make_call()

    reply = Organiser(call.organisation).get(f"/calls/{call.pk}/answers?format=csv")

    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Disposition"] == f'attachment; filename="answers-{call.slug}.csv"'
    assert reply["Cache-Control"] == "no-store"
    body_of(reply)


def test_predictions_of_a_call_that_asks_for_none_are_a_conflict(live_db: str) -> None:
    call = make_call(question=WHICH_NAME)

    for form in ("json", "parquet"):
        reply = Organiser(call.organisation).get(f"/calls/{call.pk}/predictions?format={form}")
        assert (reply.status_code, reply.json()["code"]) == (409, "wrong-state")


def test_a_contributor_sees_nothing_of_anothers_sealed_answer(live_db: str) -> None:
    call = make_call(question=WHICH_NAME)
    give(call, "SECRET-NAME")
    contributor = Client(headers={"Authorization": "Bearer dure_p_" + "x" * 43})
    contributor.cookies["dure_person"] = "dure_p_" + "x" * 43

    for path in (f"/{call.pk}/answers", f"/{call.pk}/verdicts", f"/{call.pk}", ""):
        reply = contributor.get(f"/api/v1/calls{path}")
        assert reply.status_code == 403
        assert b"SECRET-NAME" not in reply.content
    organiser = Organiser(call.organisation)
    assert b"SECRET-NAME" in body_of(organiser.get(f"/calls/{call.pk}/answers"))
