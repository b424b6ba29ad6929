"""Exports that take a while: asked for, made in the background, kept for some days."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from dure import postgres
from dure.calls.copying import Form
from dure.calls.models import Call, Export
from dure.calls.tasks.exporting import stream_answers, stream_gold, stream_predictions
from dure.calls.tasks.exporting_verdicts import stream_verdicts
from dure.calls.tasks.queries import count_work
from dure.clock import now
from dure.errors import Invalid, Unknown, WrongState
from dure.people import audit

FORMS = ("csv", "jsonl", "json", "parquet")
# Up to here a file is made while its reader waits.
ROWS_AT_ONCE_MAX = 50_000
KEPT_DAYS = 7
WAITING_MAX = 20
NOTE_EVERY_BYTES = 4 * 2**20
Write = Callable[[Callable[[Form], Iterator[bytes]], str], Iterator[bytes]]


class NoSuchExport(Unknown):
    """There is no such export, or its days are over; ask for a new one."""

    code = "unknown-export"


class TooManyExports(WrongState):
    """{most} exports of this call are waiting already; let them finish first."""

    code = "too-many-exports"


def count_rows(call: Call, what: str) -> int:
    counts = count_work([call.pk])[call.pk]
    if what in (Export.What.ANSWERS, Export.What.PREDICTIONS):
        return counts["counted"] + counts["skipped"] + counts["late"]
    return counts["tasks"]


def check_export(*, call: Call, what: str, form: str) -> None:
    if what not in Export.What.values or form not in FORMS:
        raise Invalid(
            "An export is of {whats}, as {forms}.",
            whats=", ".join(Export.What.values),
            forms=", ".join(FORMS),
        )
    if what == Export.What.PREDICTIONS and not call.question.get("predict"):
        raise WrongState("This call asks for no predictions; take the answers home.")


def ask_for_export(*, call: Call, what: str, form: str, by: str) -> Export:
    """A row that says what is wanted; `make_export` does it."""
    check_export(call=call, what=what, form=form)
    with transaction.atomic():
        waiting = Export.objects.filter(call=call, state__in=["waiting", "running"])
        if waiting.count() >= WAITING_MAX:
            raise TooManyExports(most=WAITING_MAX)
        made = Export.objects.create(
            call=call,
            what=what,
            form=form,
            token=secrets.token_urlsafe(18),
            rows_expected=count_rows(call, what),
            at=now(),
            by=by,
        )
        note_export(call=call, what=what, form=form, by=by)
    return made


def note_export(*, call: Call, what: str, form: str, by: str) -> None:
    """Write into the history what somebody took home, or asked for."""
    audit.record(
        organisation=call.organisation,
        by=by,
        action="export",
        thing=f"call:{call.pk}",
        what=what,
        form=form,
    )


def stream_export(call: Call, what: str) -> Callable[[Form], Iterator[bytes]]:
    make = {
        Export.What.VERDICTS: stream_verdicts,
        Export.What.ANSWERS: stream_answers,
        Export.What.GOLD: stream_gold,
        Export.What.PREDICTIONS: stream_predictions,
    }[Export.What(what)]
    return lambda form: make(call=call, form=form)


def make_export(*, export_id: int, write: Write) -> None:
    """Write the file, whole or not at all, telling how far it is; again after a death, anew.

    `write` turns a stream of rows into the form's bytes.
    """
    export = Export.objects.select_related("call").get(pk=export_id)
    if export.state in (Export.State.DONE, Export.State.FAILED):
        return
    mine = Export.objects.filter(pk=export.pk)
    mine.update(state=Export.State.RUNNING, rows_made=0)
    draft = _draft_of(export)
    draft.parent.mkdir(parents=True, exist_ok=True)
    n_bytes = n_rows = noted = 0
    with draft.open("wb") as file:
        for block in write(_counting(export, mine), export.form):
            file.write(block)
            n_bytes += len(block)
            n_rows += block.count(b"\n")
            if n_bytes - noted >= NOTE_EVERY_BYTES and export.form != "parquet":
                noted = n_bytes
                mine.update(rows_made=n_rows)
    draft.replace(place_of(export))
    mine.update(
        state=Export.State.DONE,
        bytes=n_bytes,
        rows_made=export.rows_expected,
        done_at=now(),
    )


def _counting(export: Export, mine: QuerySet[Export]) -> Callable[[Form], Iterator[bytes]]:
    """The rows, counted as they go by on their way to a form that is written at the end."""
    make = stream_export(export.call, export.what)

    def counted(form: Form) -> Iterator[bytes]:
        n_rows = n_bytes = noted = 0
        for block in make(form):
            n_rows += block.count(b"\n")
            n_bytes += len(block)
            if n_bytes - noted >= NOTE_EVERY_BYTES:
                noted = n_bytes
                mine.update(rows_made=n_rows)
            yield block

    return counted


def fail_export(*, export_id: int, reason: str) -> None:
    """Say so: an export that can't be made never looks like one that is ready."""
    Export.objects.filter(pk=export_id).exclude(state=Export.State.DONE).update(
        state=Export.State.FAILED, reason=reason[:300], done_at=now()
    )


def find_export(*, call: Call, export_id: int) -> Export:
    found = Export.objects.filter(call=call, pk=export_id).select_related("call").first()
    if found is None:
        raise NoSuchExport
    return found


def exports_of(call: Call) -> QuerySet[Export]:
    return Export.objects.filter(call=call).order_by("-pk")


def place_of(export: Export) -> Path:
    return postgres.files_folder() / "exports" / f"{export.token}.{export.form}"


def _draft_of(export: Export) -> Path:
    return place_of(export).with_suffix(".part")


def drop_old_exports() -> int:
    """Exports whose days are over go, with what there is of their files; gives how many."""
    ended = [Export.State.DONE, Export.State.FAILED]
    old = list(Export.objects.filter(at__lt=now() - timedelta(days=KEPT_DAYS), state__in=ended))
    for export in old:
        for place in (place_of(export), _draft_of(export)):
            place.unlink(missing_ok=True)
    Export.objects.filter(pk__in=[export.pk for export in old]).delete()
    return len(old)
