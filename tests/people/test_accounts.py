"""Addresses as they are stored, and whose account they are."""

from __future__ import annotations

import pytest

from dure.errors import Invalid
from dure.people.accounts import account_of, read_email
from dure.people.models import Account

pytestmark = pytest.mark.django_db


def test_address_is_kept_in_small_letters_without_spaces_around() -> None:
    assert read_email("  Mina@Example.ORG ") == "mina@example.org"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "mina",
        "mina@",
        "@example.org",
        "a b@example.org",
        "mina@example.org\nBcc: all@example.org",
        "mina@example.org\r\n\r\nhello",
        "Mina <mina@example.org>",
        "a@example.org,b@example.org",
        f"{'m' * 250}@example.org",
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(given: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_email(given)

    assert len(refusal.value.sentence) < 200


def test_one_address_is_one_account() -> None:
    assert account_of("mina@example.org") == account_of("mina@example.org")
    assert Account.objects.count() == 1


def test_accounts_without_an_address_stand_side_by_side() -> None:
    first, second = Account.objects.create_user(), Account.objects.create_user()

    assert (first.email, second.email) == (None, None)
    assert str(first) != str(second)
    assert not first.has_usable_password()
