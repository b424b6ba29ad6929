"""Claim links are made for one person, used once, and forgotten as words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dure import clock
from dure.people.claiming import (
    LINK_SECONDS,
    LINKS_MAX,
    MAILS_MAX,
    ClaimOver,
    TooManyLinks,
    TooManyMails,
    ask_for_mail,
    find_claim,
    make_claim,
    seal_claim,
)
from dure.people.models import Claim, Person

pytestmark = pytest.mark.django_db


def pass_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    later = clock.now() + timedelta(seconds=seconds)
    monkeypatch.setattr("dure.people.claiming.now", lambda: later)


def test_only_the_hash_of_a_link_is_kept() -> None:
    token = make_claim(person_id=Person.objects.create().pk)

    kept = Claim.objects.values_list().get()
    assert find_claim(token).pk == kept[0]
    assert token.encode() not in b"".join(bytes(str(cell), "utf8") for cell in kept)


@pytest.mark.parametrize("wrong", ["", "dure_c_", "dure_c_guess", "\0", "é" * 40])
def test_link_that_nobody_made_is_over(wrong: str) -> None:
    make_claim(person_id=Person.objects.create().pk)
    ask_for_mail(person_id=Person.objects.create().pk, email="mina@example.org")

    with pytest.raises(ClaimOver):
        find_claim(wrong)


def test_link_is_over_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    token = make_claim(person_id=Person.objects.create().pk)
    find_claim(token)

    pass_time(monkeypatch, LINK_SECONDS)

    with pytest.raises(ClaimOver):
        find_claim(token)


def test_mail_sent_again_makes_the_first_link_worthless() -> None:
    claim = ask_for_mail(person_id=Person.objects.create().pk, email="mina@example.org")
    first, second = seal_claim(claim), seal_claim(claim)

    assert find_claim(second).pk == claim.pk
    with pytest.raises(ClaimOver):
        find_claim(first)


def test_mails_to_one_address_are_few_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(MAILS_MAX):
        ask_for_mail(person_id=Person.objects.create().pk, email="mina@example.org")

    with pytest.raises(TooManyMails):
        ask_for_mail(person_id=Person.objects.create().pk, email="mina@example.org")
    pass_time(monkeypatch, 3601)
    ask_for_mail(person_id=Person.objects.create().pk, email="mina@example.org")


def test_mails_of_one_person_are_few_whatever_the_address() -> None:
    person = Person.objects.create()
    for number in range(MAILS_MAX):
        ask_for_mail(person_id=person.pk, email=f"mina{number}@example.org")

    with pytest.raises(TooManyMails):
        ask_for_mail(person_id=person.pk, email="other@example.org")


def test_links_of_one_person_are_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person.objects.create()
    for _ in range(LINKS_MAX):
        make_claim(person_id=person.pk)

    with pytest.raises(TooManyLinks):
        make_claim(person_id=person.pk)
    make_claim(person_id=Person.objects.create().pk)
    pass_time(monkeypatch, 3601)
    make_claim(person_id=person.pk)
