"""What a member changes about their signing in stands in their organisations' history."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    SECRET_SESSION_KEY,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse

from dure.doors.desk import signing
from dure.doors.desk.noting import FACTOR_DEEDS
from dure.people.models import Account, AuditEntry
from tests.doors.desk.office import PASSWORD, make_office

NEW = "a new long phrase"

pytestmark = pytest.mark.django_db


def sign_in() -> Client:
    client = make_office().client("reader")
    # Changes to signing in ask for the password once more.
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def written() -> list[str]:
    """What the history says that the reader did to their own account."""
    who = f"account:{Account.objects.get(email='reader@example.org').pk}"
    found = AuditEntry.objects.filter(by=who, thing=who, organisation__slug="harbour")
    return list(found.order_by("pk").values_list("action", flat=True))


def test_changed_password_is_told() -> None:
    sign_in().post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )

    assert written() == ["change password"]


def test_password_by_link_is_told() -> None:
    make_office().client("reader")
    client = Client()
    form = client.get(signing.reset_path("reader@example.org"), follow=True)

    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})

    assert written() == ["reset password"]


def test_second_factor_is_told_when_it_comes_and_when_it_goes(
    django_capture_on_commit_callbacks: Any,
) -> None:
    client = sign_in()
    client.get(reverse("mfa_activate_totp"))
    counter = next(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(client.session[SECRET_SESSION_KEY], counter))

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code})
    came = set(written())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_deactivate_totp"))

    assert came == {"add authenticator app", "make recovery codes"}
    assert set(written()) - came == {"remove authenticator app", "remove recovery codes"}


@pytest.mark.parametrize(("signal", "kind"), FACTOR_DEEDS)
def test_each_way_of_signing_in_is_told_by_its_own_name(signal: Signal, kind: str) -> None:
    make_office().client("reader")
    user = Account.objects.get(email="reader@example.org")

    signal.send(sender=Authenticator, request=None, user=user,
                authenticator=Authenticator(user=user, type=kind))  # fmt: skip

    assert written() == [FACTOR_DEEDS[signal, kind]]  # type: ignore[index]
