"""The call's page when one address makes too many new people."""

from __future__ import annotations

import pytest
from django.test import Client

from dure.calls.tasks.answers import KEY_COOKIE
from dure.doors.phone import views
from dure.people.arrivals import Arrivals
from dure.people.models import Person
from tests.factories import make_call

pytestmark = pytest.mark.django_db
SCHOOL = "198.51.99.7"


def test_newcomers_are_asked_to_wait_and_known_people_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # One at once, and then one in five thousand seconds.
    monkeypatch.setattr(views, "arrivals", Arrivals(address_rate=0.01))
    call = make_call()
    link = f"/c/{call.slug}/"
    first, new = Client(REMOTE_ADDR=SCHOOL), Client(REMOTE_ADDR=SCHOOL)
    elsewhere = Client(REMOTE_ADDR="198.51.99.8")
    assert first.get(link).status_code == 200

    refused = new.get(link)
    stale = Client(REMOTE_ADDR=SCHOOL)
    stale.cookies[KEY_COOKIE] = "dure_p_made_up"
    forgotten = stale.get(link)

    assert [refused.status_code, forgotten.status_code] == [429, 429]
    assert 4990 <= int(forgotten.headers["Retry-After"]) <= 5000
    assert 4990 <= int(refused.headers["Retry-After"]) <= 5000
    for page in (refused, forgotten):
        assert "Very many people are coming in just now" in page.content.decode()
    assert first.get(link).status_code == 200
    assert elsewhere.get(link).status_code == 200
    assert Person.objects.count() == 2
