"""Who may do what: every page and action of the desk, for everybody, against a reviewed table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from dure.calls.models import Export, Template, Upload
from dure.calls.tasks.models import Task
from dure.clock import now
from dure.doors.desk.urls import routes
from dure.people.inviting import invite
from dure.people.models import ApiToken, Membership, Scope
from tests.doors.desk.office import WHO, Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parents[3] / "docs" / "roles.csv"
METHODS = ("GET", "POST")
WORDS = {200: "yes", 204: "yes", 302: "yes", 303: "yes", 400: "yes", 409: "yes", 422: "yes",
         401: "sign in", 403: "no", 404: "unknown", 405: "-"}  # fmt: skip


def desk_routes() -> Iterator[URLPattern]:
    """What lies under an organisation; allauth's own pages are tested by allauth."""
    for route in routes():
        if isinstance(route, URLPattern) and "<slug:org>" in str(route.pattern):
            yield route


def things_of(office: Office) -> dict[str, Any]:
    """A thing of each sort that an address may name."""
    organisation, call = office.organisation, office.call
    token = ApiToken.objects.create(
        organisation=organisation, hash=os.urandom(32), scope=Scope.READ, created_at=now()
    )
    template = Template.objects.create(
        organisation=organisation, name="t", fields={}, at=now(), by="x"
    )
    upload = Upload.objects.create(call=call, token="u", name="u.csv", bytes=1, at=now(), by="x")
    export = Export.objects.create(call=call, what="answers", form="csv", token="e", at=now())
    return {
        "org": organisation.slug,
        "call_id": call.pk,
        "task_id": Task.objects.filter(call=call).earliest("id").id,
        "membership_id": Membership.objects.filter(organisation=organisation).first(),
        "invitation_id": invite(organisation=organisation, role="reader", by="x").pk,
        "token_id": token.pk,
        "template_id": template.pk,
        "upload_id": upload.pk,
        "export_id": export.pk,
        "form": "svg",
    }


def try_all(who: str) -> dict[tuple[str, str], str]:
    """For each address and method what becomes of it; each in a state that the last one left."""
    office = make_office()
    client = office.client(who)
    other = make_member(office)
    things = {**things_of(office), "membership_id": other.pk}
    found = {}
    for route in desk_routes():
        for method in METHODS:
            wanted = {name: things[name] for name in route.pattern.converters}
            address = reverse(str(route.name), kwargs=wanted)
            found[str(route.name), method] = outcome(client, method, address)
    return found


def make_member(office: Office) -> Membership:
    from dure.people.models import Account  # noqa: PLC0415  app ready

    account = Account.objects.create_user("other@example.org", "a quiet green harbour")
    return Membership.objects.create(
        organisation=office.organisation, account=account, role="reader", since=now()
    )


def outcome(client: Client, method: str, address: str) -> str:
    response = client.generic(method, address)
    if response.status_code == 302 and "/account/login/" in response.headers["Location"]:
        return "sign in"
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


def test_everybody_may_do_just_what_the_table_says() -> None:
    """With DURE_WRITE_ROLES=1 the table is written anew, to be reviewed."""
    from django.db import transaction  # noqa: PLC0415  app ready

    rights = {}
    for who in WHO:
        point = transaction.savepoint()
        rights[who] = try_all(who)
        transaction.savepoint_rollback(point)

    table = table_of(rights)

    if os.environ.get("DURE_WRITE_ROLES"):
        TABLE.write_text(table)
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
