from __future__ import annotations

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from dure.errors import Invalid, Unknown
from dure.people.models import Account, AuditEntry, Membership, Organisation
from dure.people.organisations import (
    RESERVED,
    SlugTaken,
    create_organisation,
    find_organisation,
    suggest_slug,
)


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


def test_every_page_that_stands_where_organisations_do_has_its_name_reserved() -> None:
    addresses = list(addresses_of(get_resolver().url_patterns))
    firsts = [re.match(r"\^?(?:desk|o)/([^/]+)", address) for address in addresses]

    fixed = {found[1] for found in firsts if found and "<" not in found[1]}

    assert {"desk/<slug:org>/members", "o/<slug:slug>/"} <= set(addresses)
    assert fixed == RESERVED


@pytest.mark.parametrize("slug", sorted(RESERVED))
def test_reserved_name_is_refused_and_another_one_suggested(db: None, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_organisation(slug=slug, name="A", owner_email="a@example.org")
    suggested = suggest_slug(slug.title())
    create_organisation(slug=suggested, name=slug.title(), owner_email="a@example.org")

    assert refused.value.sentence == (
        f"The short name {slug!r} is a page of the desk itself; choose another name."
    )
    assert re.fullmatch(slug + "-[0-9a-f]{4}", suggested)


def test_the_same_name_by_the_same_owner_suggests_the_same_organisation(db: None) -> None:
    made = create_organisation(slug="org-1", name="두레", owner_email="ada@example.org")
    create_organisation(slug="org", name="품앗이", owner_email="ada@example.org")

    assert suggest_slug(" 두레 ", owner_email="ada@example.org") == made.slug
    for slug in (suggest_slug("두레"), suggest_slug("두레", owner_email="eve@example.org")):
        assert re.fullmatch("org-[0-9a-f]{4}", slug)


def addresses_of(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
    """Every route as it is written, those of nested ones behind their prefix."""
    return [
        address
        for one in patterns
        for address in (
            addresses_of(one.url_patterns, before + str(one.pattern))
            if isinstance(one, URLResolver)
            else [before + str(one.pattern)]
        )
    ]
