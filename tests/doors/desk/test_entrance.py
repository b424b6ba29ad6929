"""Coming in by the owner's link, and what a new organisation is called in links."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from dure.people.inviting import make_owner_link
from dure.people.models import Account, Organisation
from tests.doors.desk.office import PASSWORD
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db
FAULTS = [
    ("두레", "Please use only small letters a–z, digits, and single hyphens between them."),
    (
        "a--b",
        "Please use only small letters a–z, digits, and single hyphens between them.",
    ),
    ("welcome", "Dure itself needs this short name. Please choose another one."),
    ("demo", "Dure itself needs this short name. Please choose another one."),
    ("taken", "Another organisation has this short name. Please choose another one."),
]
GIVEN = {"email": "ada@example.org", "password": PASSWORD, "organisation": "두레 빵집"}


def make_account(**fields: bool) -> Account:
    return Account.objects.create_user("bo@example.org", PASSWORD, **fields)


def owners_page() -> str:
    token = make_owner_link()
    assert token is not None
    return reverse("desk-welcome", args=[token])


@pytest.mark.parametrize(
    ("wished", "slug"), [(" River-Bakery ", "river-bakery"), ("", "org")], ids=["wished", "empty"]
)
def test_organisation_gets_the_short_name_it_wishes_for(wished: str, slug: str) -> None:
    joined = Client().post(owners_page(), {**GIVEN, "slug": wished})

    assert joined.headers["Location"] == reverse("desk-calls", args=[slug])
    assert Organisation.objects.get(slug=slug).name == "두레 빵집"


@pytest.mark.parametrize(("wished", "sentence"), FAULTS)
@pytest.mark.parametrize("is_member", [True, False])
def test_short_name_that_can_not_be_had_is_told_and_nothing_is_lost(
    wished: str, sentence: str, is_member: bool
) -> None:
    make_organisation("taken")
    client, where = Client(), owners_page()
    if is_member:
        client.force_login(make_account())
    before = Account.objects.count()

    refused = client.post(where, {**GIVEN, "slug": wished})
    page = refused.content.decode()

    assert refused.status_code == 422
    assert f'<p class="advice" id="about-slug" role="alert">{sentence}</p>' in page
    kept = ["두레 빵집", wished] if is_member else ["ada@example.org", "두레 빵집", wished]
    assert [value for value in kept if f'value="{value}"' not in page] == []
    assert Account.objects.count() == before
    assert client.post(where, {**GIVEN, "slug": "river"}).status_code == 302


def test_another_organisation_is_named_likewise_and_a_form_sent_twice_makes_one() -> None:
    client, where = Client(), reverse("desk-new-organisation")
    client.force_login(make_account(is_staff=True))
    make_organisation("taken")

    refused = client.post(where, {"organisation": "두레", "slug": "taken"})
    made = [client.post(where, {"organisation": "두레", "slug": "river"}) for _ in range(2)]

    assert refused.status_code == 422
    assert FAULTS[-1][1] in refused.content.decode()
    assert {one.headers["Location"] for one in made} == {reverse("desk-calls", args=["river"])}
