"""Who may do what: every page and action of the desk, for everybody, against a reviewed table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dure.clock import now
from dure.people.models import Account, Membership, Role
from tests.doors.desk.office import PASSWORD, make_office
from tests.doors.desk.places import Place, Town, given, make_town
from tests.factories import make_call

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parents[3] / "docs" / "roles.csv"
METHODS = ("GET", "POST")
WHO = ("nobody", "stranger", "operator", *Role.values)
WORDS = {200: "yes", 204: "yes", 302: "yes", 303: "yes", 400: "refused", 409: "refused",
         422: "refused", 401: "sign in", 403: "no", 404: "unknown", 405: "-"}  # fmt: skip
# What sessions and the counting of failed attempts write is nobody's doing.
WRITTEN_BY_LOOKING = ("django_session", "people_cache")
# A small export is sent at once, so nothing is written for it.
WRITES_NOTHING = {"desk-exports"}


def try_all(who: str) -> dict[tuple[str, str], str]:
    """For each address and method what becomes of it, each in the same state."""
    town = make_town()
    cookies = sign_in(who, town).cookies
    found = {}
    for place in town.places():
        for method in METHODS:
            if method == "POST" and place.given is None:
                continue
            with undone():
                client = Client()
                client.cookies = cookies.copy()
                found[place.name, method] = outcome(client, method, place)
    return found


def sign_in(who: str, town: Town) -> Client:
    """By the page itself, and with the password once more, as second factors ask for."""
    client = Client()
    if who == "nobody":
        return client
    account = Account.objects.create_user(f"{who}@example.org", PASSWORD)
    if who == "operator":
        Account.objects.filter(pk=account.pk).update(is_staff=True)
    elif who != "stranger":
        Membership.objects.create(
            organisation=town.organisation, account=account, role=who, since=now()
        )
    client.post("/account/login/", {"login": account.email, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


@contextmanager
def undone() -> Iterator[None]:
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


def outcome(client: Client, method: str, place: Place) -> str:
    with CaptureQueriesContext(connection) as asked:
        if method == "GET":
            response = client.get(place.path, place.asked)
        else:
            response = client.post(place.path, given(place.name))
    word = word_for(response)
    if response.streaming and not response.is_async:
        # Read to its end, the file is closed.
        response.getvalue()
    if method == "POST" and place.name.startswith("account_") and response.status_code == 200:
        # allauth shows the form again, with what is wrong.
        word = "refused"
    written = [
        query["sql"]
        for query in asked
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        and not any(table in query["sql"] for table in WRITTEN_BY_LOOKING)
    ]
    is_ours = place.name.startswith("desk-") and place.name not in WRITES_NOTHING
    if is_ours and method == "POST" and word == "yes":
        assert written, f"{place.name} was allowed and did nothing"
    if word != "yes":
        assert written == [], f"{place.name} was not allowed and wrote"
    return word


def word_for(response: HttpResponseBase) -> str:
    where = response.headers.get("Location", "")
    if "/account/login/" in where:
        return "sign in"
    assert "/account/reauthenticate/" not in where
    return WORDS[response.status_code]


def table_of(rights: dict[str, dict[tuple[str, str], str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["page", "method", *WHO])
    for name, method in rights["owner"]:
        row = [rights[who][name, method] for who in WHO]
        if set(row) - {"-"}:
            writer.writerow([name, method, *row])
    return out.getvalue()


def test_everybody_may_do_just_what_the_table_says(settings: Any) -> None:
    """With DURE_WRITE_ROLES=1 the table is written anew, to be reviewed."""
    settings.EMAIL_HOST = "mail.example.org"
    rights = {}
    for who in WHO:
        with undone():
            rights[who] = try_all(who)

    table = table_of(rights)

    if os.environ.get("DURE_WRITE_ROLES"):
        TABLE.write_text(table)
    # What an owner may do was really done: nothing was missing, and nothing was wrong with it.
    doubtful = {"unknown", "refused"}
    assert {place for place, word in rights["owner"].items() if word in doubtful} == set()
    assert TABLE.read_text() == table


def test_signed_out_browser_is_shown_the_way_in_and_back() -> None:
    office = make_office()

    response = Client().get(f"/desk/{office.organisation.slug}/?before=5")

    assert response.status_code == 302
    assert response.headers["Location"] == "/account/login/?next=/desk/harbour/%3Fbefore%3D5"


def test_script_that_keeps_a_form_is_told_that_it_is_signed_out() -> None:
    office = make_office(state="draft")

    response = Client().post(
        reverse("desk-question", args=[office.organisation.slug, office.call.pk]),
        headers={"HX-Request": "true"},
    )

    assert response.status_code == 401


def test_another_organisations_call_is_as_unknown_as_none() -> None:
    office = make_office()
    client = office.client("owner")
    foreign = make_call()

    replies = [
        client.get(reverse("desk-board", args=[office.organisation.slug, pk]))
        for pk in (foreign.pk, 10**15)
    ]

    assert [reply.status_code for reply in replies] == [404, 404]
    assert [b"A call" in reply.content for reply in replies] == [False, False]
