from __future__ import annotations

import pytest

from dure.errors import Invalid, Unknown
from dure.people.models import Account, AuditEntry, Membership, Organisation
from dure.people.organisations import SlugTaken, create_organisation, find_organisation


def test_an_organisation_has_an_owner_who_has_no_password_yet(db: None) -> None:
    made = create_organisation(slug="dure-lab", name="Dure Lab", owner_email="Ada@Example.org")

    member = Membership.objects.get(organisation=made)
    assert (member.account.email, member.role) == ("ada@example.org", "owner")
    assert not member.account.has_usable_password()
    assert [entry.action for entry in AuditEntry.objects.filter(organisation=made)] == [
        "create organisation"
    ]


def test_making_it_again_gives_the_same_organisation(db: None) -> None:
    first = create_organisation(slug="dure-lab", name="Dure Lab", owner_email="ada@example.org")
    again = create_organisation(slug="dure-lab", name="Dure", owner_email=" ADA@example.org")

    assert again == first
    assert (Organisation.objects.count(), Account.objects.count()) == (1, 1)


def test_another_owner_does_not_get_an_organisation_of_the_same_name(db: None) -> None:
    create_organisation(slug="dure-lab", name="Dure Lab", owner_email="ada@example.org")

    with pytest.raises(SlugTaken) as refused:
        create_organisation(slug="dure-lab", name="Dure Lab", owner_email="eve@example.org")

    assert refused.value.sentence == (
        "There is another organisation named 'dure-lab', with another owner; choose another name."
    )
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"slug": "Dure Lab"},
            (
                "An organisation's short name has small letters, digits and single hyphens, at "
                "most 60 of them; got 'Dure Lab'."
            ),
        ),
        ({"name": " "}, "An organisation's name has 1 to 120 letters; got ' '."),
        ({"owner_email": "ada"}, "Expected an e-mail address; got 'ada'."),
    ],
)
def test_a_wrong_field_is_refused(db: None, fields: dict[str, str], sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_organisation(**{"slug": "a", "name": "A", "owner_email": "a@example.org", **fields})

    assert refused.value.sentence == sentence


def test_an_organisation_is_found_by_its_short_name(db: None) -> None:
    made = create_organisation(slug="dure-lab", name="Dure Lab", owner_email="ada@example.org")

    assert find_organisation("dure-lab") == made
    with pytest.raises(Unknown):
        find_organisation("dure")
