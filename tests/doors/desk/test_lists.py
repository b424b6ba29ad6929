"""Every list of the desk and the square takes the same queries for one, three and fifty things."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dure.calls.models import Export, Media, Template
from dure.calls.tasks.exports import place_of
from dure.calls.tasks.models import Refit, Task, TaskProgress, Verdict
from dure.clock import now
from dure.people import audit
from dure.people.inviting import invite
from dure.people.models import Account, ApiToken, Membership, Scope
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.django_db
SIZES = (1, 3, 50)
# Of a page of fifty calls, those beside the office's own one.
OWN = 49


def add_call(office: Office, number: int) -> None:
    call = make_call(
        organisation=office.organisation, title=f"thing {number}.", n_tasks=1, topics=["nature"]
    )
    Refit.objects.create(
        call=call, events=1, at=now(), seconds=1, summary={"states": {"decided": 1}}
    )


def add_media(office: Office, number: int) -> None:
    Media.objects.create(
        organisation=office.organisation, token=secrets.token_hex(16), sha256=os.urandom(32),
        kind="image", type="image/webp", bytes=1, name=f"thing {number}.", at=now(), by="x",
    )  # fmt: skip


def add_member(office: Office, number: int) -> None:
    account = Account.objects.create_user(f"m{number}@example.org", name=f"thing {number}.")
    Membership.objects.create(
        organisation=office.organisation, account=account, role="reader", since=now()
    )


def add_invitation(office: Office, number: int) -> None:
    invite(
        organisation=office.organisation,
        role="reader",
        by="x",
        email=f"i{number}@example.org",
    )


def add_token(office: Office, number: int) -> None:
    ApiToken.objects.create(
        organisation=office.organisation, hash=bytes([number, 1]), scope=Scope.READ,
        created_at=now(),
    )  # fmt: skip


def add_deed(office: Office, number: int) -> None:
    account = Account.objects.create_user(f"d{number}@example.org")
    audit.record(organisation=office.organisation, by=f"account:{account.pk}",
                 action=f"thing {number}.", thing=f"call:{office.call.pk}")  # fmt: skip


def add_template(office: Office, number: int) -> None:
    Template.objects.create(
        organisation=office.organisation, name=f"thing {number}.", fields={}, at=now(), by="x"
    )


def add_export(office: Office, number: int) -> None:
    made = Export.objects.create(call=office.call, what="answers", form="csv", state="done",
                                 token=f"e{number}", at=now(), done_at=now(), by="x")  # fmt: skip
    place_of(made).parent.mkdir(parents=True, exist_ok=True)
    place_of(made).write_bytes(b"x")


def add_task(office: Office, number: int) -> None:
    task = Task.objects.create(call=office.call, key=f"thing {number}.", content={"text": "A bird"})
    task.refresh_from_db()
    TaskProgress.objects.create(call_id=office.call.pk, task_id=task.id, capacity=5)
    Verdict.objects.create(
        call_id=office.call.pk, task_id=task.id, label="yes", probability=0.9, answers=3
    )


@dataclass(frozen=True)
class List:
    """A page with a list, what adds one thing to it, what each shows once, and how many at most."""

    path: str
    add: Callable[[Office, int], None]
    mark: str
    most: int = 50


LISTS = {
    "calls": List("/desk/harbour/", add_call, 'class="card-title"', OWN),
    "media": List("/desk/harbour/media", add_media, "readonly aria-label"),
    "members": List("/desk/harbour/members", add_member, "/remove"),
    "invitations": List("/desk/harbour/members", add_invitation, "/take-back"),
    "tokens": List("/desk/harbour/keys", add_token, "/revoke"),
    "audit": List("/desk/harbour/history", add_deed, "<tr><td>"),
    "templates": List("/desk/harbour/new", add_template, 'name="template"'),
    "exports": List("/desk/harbour/calls/{call}/exports", add_export, "/file", 20),
    "task table": List("/desk/harbour/calls/{call}/tasks", add_task, '<th scope="row">'),
    "unsure tasks": List("/desk/harbour/calls/{call}/tasks?below=95", add_task, '<th scope="row">'),
    "front page": List("/?topic=nature", add_call, 'class="call-title"'),
    "organisation": List("/o/harbour/", add_call, 'class="call-title"', OWN),
}


@pytest.mark.parametrize("name", LISTS)
def test_list_takes_the_same_queries_however_long(name: str) -> None:
    one = LISTS[name]
    office = make_office(n_tasks=0)
    client = office.client("owner")
    path = one.path.format(call=office.call.pk)
    # What a process looks up once is not the list's.
    empty = shown(client, path).count(one.mark)

    counts = {}
    made = 0
    for size in SIZES:
        for number in range(made, size):
            one.add(office, number)
        made = size
        with CaptureQueriesContext(connection) as asked:
            page = shown(client, path)
        assert page.count(one.mark) - empty == min(size, one.most)
        counts[size] = len(asked)

    assert set(counts.values()) == {counts[1]}, counts


def shown(client: Client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return reply.content.decode()
