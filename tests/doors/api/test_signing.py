from __future__ import annotations

import pytest
from django.test import Client

from dure.people.tokens import read_token, revoke_token
from tests.doors.api.asking import Organiser
from tests.factories import make_organisation


def test_a_token_opens_the_door_until_it_is_revoked(db: None) -> None:
    organiser = Organiser(make_organisation(), scope="read")
    assert organiser.get("/calls").status_code == 200

    revoke_token(token=read_token(organiser.token))

    assert organiser.get("/calls").status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(db: None, scheme: str) -> None:
    organiser = Organiser(make_organisation())
    client = Client(headers={"Authorization": f"{scheme} {organiser.token}"})

    assert client.get("/api/v1/calls").status_code == 200


def test_a_cookie_is_no_token(db: None) -> None:
    client = Client()
    client.cookies["dure_person"] = Organiser(make_organisation()).token

    assert client.get("/api/v1/calls").status_code == 401
