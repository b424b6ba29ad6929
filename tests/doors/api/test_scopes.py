"""Whose token opens what: every route of the API for everybody, against a reviewed table."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dure.calls.media import storing
from dure.calls.models import Call
from dure.calls.settling import propose_settlement
from dure.calls.shares.gains import record_gain
from dure.doors.api import application
from dure.ledger.money import Money
from dure.people.models import Organisation
from dure.people.tokens import create_token
from tests.calls.media import corpus
from tests.calls.tasks.test_results import give
from tests.calls.test_settling import SHARE, YEAR
from tests.doors.api.asking import BIRD, JSON, body_of
from tests.factories import YES_NO, make_call, make_organisation

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parents[3] / "docs" / "scopes.csv"
WHO = ("nobody", "contributor", "foreign organise", "foreign read", "organise", "read")
WORDS = {200: "yes", 201: "yes", 401: "sign in", 403: "no", 404: "unknown", 409: "refused",
         422: "refused"}  # fmt: skip
NEW_CALL = {"kind": "tasks", "title": "Birds", "question": BIRD}
# In which state a call is for an action to make sense, and what is sent.
STATES = {"change": "draft", "open_": "draft", "pause": "open", "close": "open", "reveal": "closed"}
# Of money and settlements, on the call that has some.
OF_MONEY = (
    "promise_more", "read_money", "record_pay_in", "list_pay_ins", "record", "list_gains",
    "correct", "propose", "list_settlements", "read_settlement", "approve", "withdraw",
    "read_shares", "read_shares_so_far",
)  # fmt: skip
GIVEN: dict[str, Any] = {
    "create": NEW_CALL,
    "change": {"title": "Terns"},
    "add": {"tasks": [{"key": "new", "content": {"text": "A gull"}}]},
    "promise_more": {"promise": {**SHARE, "percent": 30}},
    "record_pay_in": {"amount_minor": 5, "currency": "KRW"},
    "record": {
        "amount_minor": 5, "currency": "KRW", "period": {"from": "2026-01-01", "to": "2026-02-01"},
    },
    "correct": {"amount_minor": 5, "note": "A refund"},
    "propose": {"note": "Again"},
}  # fmt: skip
# These name no thing of anybody's: another organisation's token asks about its own.
OF_ONES_OWN = {"create", "list_calls", "upload", "list_media"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "media_folder", lambda: tmp_path / "media")


def client_of(who: str, organisation: Organisation) -> Client:
    if who == "nobody":
        return Client(raise_request_exception=False)
    if who == "contributor":
        token = "dure_p_" + "x" * 43
    else:
        owner = make_organisation() if who.startswith("foreign") else organisation
        token = create_token(organisation=owner, scope=who.rpartition(" ")[2])
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)


def settled_call(organisation: Organisation) -> Call:
    """One that earned something, of which a settlement is proposed."""
    call = make_call(organisation=organisation, title="A secret title", promise=SHARE)
    give(call, ["yes"])
    record_gain(call=call, money=Money(1_000, "KRW"), period=YEAR, note="", by="account:1",
                request_key="a")  # fmt: skip
    assert propose_settlement(call=call, by="account:1").number == 1
    return call


def operations() -> list[tuple[str, str, str]]:
    """(name, method, path) of every operation, as the API itself lists them."""
    api = application.build()
    return [
        (operation.view_func.__name__, method, f"/api/v1{prefix}{path}")
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


def outcome(client: Client, call: Call, name: str, method: str, path: str) -> str:
    with CaptureQueriesContext(connection) as asked:
        reply = send(client, call, name, method, path)
        word = WORDS[reply.status_code]
        body = body_of(reply)
    written = [one["sql"] for one in asked if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    if word != "yes":
        assert written == [], f"{name} was not allowed and wrote"
        assert call.title not in body.decode()
    return word


def send(client: Client, call: Call, name: str, method: str, path: str) -> HttpResponseBase:
    if name == "upload":
        return client.post(path, {"file": SimpleUploadedFile("a.png", corpus.picture("PNG"))})
    return client.generic(
        method,
        path.format(call_id=call.pk, number=1, gain_id=getattr(call.gains.first(), "pk", 0)),
        json.dumps(GIVEN[name]) if name in GIVEN else "",
        content_type=JSON,
    )


def test_every_token_opens_just_what_the_table_says() -> None:
    """With DURE_WRITE_ROLES=1 the table is written anew, to be reviewed."""
    organisation = make_organisation()
    clients = {who: client_of(who, organisation) for who in WHO}
    calls = {
        state: make_call(organisation=organisation, state=state, title="A secret title",
                         visibility="sealed", promise={"kind": "nothing"},
                         question={**YES_NO, "predict": True})
        for state in ("draft", "open", "closed")
    }  # fmt: skip
    calls["shared"] = settled_call(organisation)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["route", "method", *WHO])
    rows = {}
    for name, method, path in operations():
        call = calls["shared" if name in OF_MONEY else STATES.get(name, "open")]
        words = []
        for who in WHO:
            point = transaction.savepoint()
            words.append(outcome(clients[who], call, name, method, path))
            transaction.savepoint_rollback(point)
        rows[name] = words
        writer.writerow([path.removeprefix("/api/v1"), method, *words])

    if os.environ.get("DURE_WRITE_ROLES"):
        TABLE.write_text(out.getvalue())
    own = WHO.index("organise")
    assert {name for name, words in rows.items() if words[own] != "yes"} == set()
    assert {name for name, words in rows.items() if words[2] == "yes"} == OF_ONES_OWN
    assert TABLE.read_text() == out.getvalue()
