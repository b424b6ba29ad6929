"""The mail with a claim's link: its link works, in the reader's language."""

from __future__ import annotations

import re

import pytest

from dure.calls.tasks.merging import use_claim
from dure.people.claiming import ask_for_mail
from dure.people.models import Claim, Person
from dure.reach.claims import mail_claim
from tests.reach.postbox import Postbox

pytestmark = pytest.mark.django_db


def asked() -> Claim:
    return ask_for_mail(person_id=Person.objects.create().pk, email="mina@example.org")


def link_in(postbox: Postbox) -> str:
    found = re.search(r"https://dure\.example\.org/keep/(\S+)", postbox.mails[-1].get_content())
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("language", "subject"),
    [("en", "Keep what you did on Dure"), ("ko", "두레에서 하신 일을 저장하세요")],
)
def test_link_in_the_mail_keeps_the_person_under_the_address(
    language: str, subject: str, postbox: Postbox
) -> None:
    claim = asked()

    mail_claim(claim_id=claim.pk, language=language, address="https://dure.example.org")

    assert postbox.mails[0]["Subject"] == subject
    assert postbox.recipients == [["mina@example.org"]]
    use_claim(token=link_in(postbox), key=None)
    account = Person.objects.get(pk=claim.person_id).account
    assert account is not None
    assert account.email == "mina@example.org"


def test_claim_that_was_used_is_not_mailed_again(postbox: Postbox) -> None:
    claim = asked()
    mail_claim(claim_id=claim.pk, language="en", address="https://dure.example.org")
    use_claim(token=link_in(postbox), key=None)

    mail_claim(claim_id=claim.pk, language="en", address="https://dure.example.org")

    assert len(postbox.mails) == 1
