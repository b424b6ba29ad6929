"""Signing in: throttled, by invitation only; a new password proves the address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from dure.addresses import Origins, read_networks
from dure.doors.desk import signing
from dure.errors import Unknown
from dure.people.accounts import AddressUnproved, account_of
from dure.people.models import Account
from tests.doors.desk.office import PASSWORD

pytestmark = pytest.mark.django_db


def make_account() -> Account:
    return Account.objects.create_user("bo@example.org", PASSWORD)


def test_nobody_signs_up_by_themselves() -> None:
    reply = Client().post("/account/signup/", {"email": "eve@example.org", "password1": PASSWORD})

    assert "By invitation" in reply.content.decode()
    assert not Account.objects.exists()


def test_limits_on_signing_in_count_the_address_that_our_proxies_name(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PROXIES = read_networks("127.0.0.1")
    monkeypatch.setattr(signing, "origins", Origins(settings.PROXIES))
    ask = RequestFactory()
    adapter = signing.Adapter()
    forwarded = "8.8.8.8, 198.51.99.7, 127.0.0.1"

    behind = adapter.get_client_ip(ask.get("/", HTTP_X_FORWARDED_FOR=forwarded))
    forged = adapter.get_client_ip(
        ask.get("/", REMOTE_ADDR="198.51.99.8", HTTP_X_FORWARDED_FOR=forwarded)
    )
    settings.PROXIES = ()
    untold = adapter.get_client_ip(ask.get("/", HTTP_X_FORWARDED_FOR=forwarded))

    assert (behind, forged, untold) == ("198.51.99.7", "198.51.99.8", "127.0.0.1")


def test_guessing_passwords_is_slowed_down() -> None:
    make_account()
    client = Client()
    for number in range(5):
        client.post("/account/login/", {"login": "bo@example.org", "password": f"wrong {number}"})

    reply = client.post("/account/login/", {"login": "bo@example.org", "password": PASSWORD})

    assert reply.status_code == 200
    assert "_auth_user_id" not in client.session


def test_signing_in_is_no_news_to_tell() -> None:
    make_account()
    client = Client()

    client.post("/account/login/", {"login": "bo@example.org", "password": PASSWORD})
    page = client.get("/desk/", follow=True).content.decode()

    assert "My account" in page
    assert "bo@example.org" not in page


def test_new_password_by_link_proves_the_address_and_the_link_is_over() -> None:
    account = make_account()
    with pytest.raises(AddressUnproved):
        account_of("bo@example.org")
    client = Client()

    form = client.get(signing.reset_path("BO@example.org"), follow=True)
    where = form.request["PATH_INFO"]
    client.post(where, {"password1": "a new long phrase", "password2": "a new long phrase"})

    account.refresh_from_db()
    assert account.check_password("a new long phrase")
    assert account_of("bo@example.org") == account
    assert client.session["_auth_user_id"] == str(account.pk)


def test_mail_for_a_new_password_is_queued_with_its_link(settings: object) -> None:
    account = make_account()
    settings.EMAIL_HOST = "mail.example.org"  # type: ignore[attr-defined]

    Client().post("/account/password/reset/", {"email": "bo@example.org"})

    (job,) = ProcrastinateJob.objects.filter(task_name="mail_text")
    assert job.args["to"] == "bo@example.org"
    key = f"{user_pk_to_url_str(account)}-{default_token_generator.make_token(account)}"
    assert re.search(rf"/account/password/reset/key/{key.split('-')[0]}-\S+", job.args["body"])


def test_without_mail_the_operator_is_named_as_the_way() -> None:
    page = Client().get("/account/password/reset/").content.decode()

    assert "dure account link EMAIL" in page


def test_link_for_an_address_that_nobody_has_is_refused() -> None:
    with pytest.raises(Unknown):
        signing.reset_path("nobody@example.org")


@pytest.mark.parametrize("given", ["", "{}", "[]", '"x"', '{"id": 5}', "null", '{"response": []}'])
def test_malformed_passkey_signs_nobody_in_and_breaks_nothing(given: str) -> None:
    client = Client()

    reply = client.post(reverse("mfa_login_webauthn"), {"credential": given})

    assert reply.status_code == 302
    assert "_auth_user_id" not in client.session


class FoundPasskey:
    def clean_credential(self) -> object:
        class Found:
            @staticmethod
            def wrap() -> object:
                return type("Named", (), {"name": signing.PHONE})

        return Found()


@pytest.mark.parametrize("guard", [signing._NoPhones, signing._Guarded])
def test_passkey_of_a_phone_opens_nothing_by_itself(guard: type) -> None:
    form = type("Form", (guard, FoundPasskey), {})()

    if guard is signing._NoPhones:
        with pytest.raises(ValidationError) as refused:
            form.clean_credential()
        assert refused.value.messages == [
            "This passkey keeps answers on a phone. Sign in with your password first."
        ]
    else:
        assert form.clean_credential() is not None
