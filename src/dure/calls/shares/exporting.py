"""Who got what, as a file: of one settlement, or of a call so far."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from django.db import connection
from psycopg.sql import SQL, Composed
from psycopg.sql import Literal as Value

from dure.calls.copying import (
    AS_LINES,
    Form,
    copy_lines,
    csv_blocks,
    in_blocks,
    in_document,
    json_object,
    one_moment,
)
from dure.calls.models import Call
from dure.calls.promises import currency_of
from dure.calls.shares.models import Settlement

COLUMNS = ("worker", "counted", "checked", "base_minor", "value_minor", "sum_minor")
LARGEST_MAX = 10
LARGEST = (
    "select worker, counted, checked, base_minor, value_minor, sum_minor from shares_rows(%s)"
    " order by abs(sum_minor) desc, worker limit %s"
)


def stream_shares(*, settlement: Settlement, form: Form) -> Iterator[bytes]:
    """A settlement's shares, be it proposed, approved or withdrawn."""
    rows = SQL("from shares_rows({})").format(Value(settlement.pk))
    about = {"settlement": settlement.number, "currency": settlement.currency}
    return _stream(rows, about, form=form)


def stream_shares_so_far(*, call: Call, form: Form) -> Iterator[bytes]:
    """What everybody got by all settlements that are in the ledger."""
    rows = SQL("from shares_so_far({})").format(Value(call.pk))
    return _stream(rows, {"currency": currency_of(call.promise)}, form=form)


def largest_shares(settlement: Settlement) -> list[dict[str, Any]]:
    """The first of a settlement, for whoever is to approve it."""
    with connection.cursor() as cursor:
        cursor.execute(LARGEST, [settlement.pk, LARGEST_MAX])
        return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def _stream(rows: Composed, about: dict[str, Any], *, form: Form) -> Iterator[bytes]:
    with one_moment() as moment:
        if form in ("csv", "table"):
            names = SQL(", ").join(SQL(name) for name in COLUMNS)
            yield from csv_blocks(moment, list(COLUMNS), SQL("select {} {}").format(names, rows))
            return
        line = json_object({name: SQL(name) for name in COLUMNS})
        lines = copy_lines(moment, AS_LINES.format(SQL("select {} {}").format(line, rows)))
        head = orjson.dumps(about)[:-1] + b',"shares": ['
        yield from in_blocks(lines if form == "jsonl" else in_document(head, lines))
