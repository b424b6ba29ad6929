"""Mails leave by the worker, with what they are about, and wait for a server that is away."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from dure.people.claiming import ask_for_mail
from dure.people.models import Person
from dure.reach.jobs import mail_claim_later
from tests.calls.tasks.test_jobs import queued, work, work_until_idle
from tests.reach.postbox import Postbox

pytestmark = pytest.mark.usefixtures("live_db")


def ask() -> None:
    claim = ask_for_mail(person_id=Person.objects.create().pk, email="mina@example.org")
    mail_claim_later(claim_id=claim.pk, language="en", address="https://dure.example.org")


def mails_queued() -> list[str]:
    return [status for name, status in queued() if name == "mail_claim"]


def test_worker_sends_the_mail(postbox: Postbox) -> None:
    ask()

    work(work_until_idle)

    assert len(postbox.mails) == 1
    assert mails_queued() == ["succeeded"]


def test_claim_that_was_not_made_sends_no_mail(postbox: Postbox) -> None:
    with transaction.atomic():
        ask()
        transaction.set_rollback(True)

    work(work_until_idle)

    assert (postbox.mails, mails_queued()) == ([], [])


def test_mail_is_tried_again_while_its_server_is_away(postbox: Postbox) -> None:
    ask()
    postbox.refusals = 1

    work(work_until_idle)

    assert (postbox.mails, mails_queued()) == ([], ["todo"])
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set scheduled_at = null")
    work(work_until_idle)
    assert (len(postbox.mails), mails_queued()) == (1, ["succeeded"])
