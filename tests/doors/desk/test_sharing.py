"""Sharing: codes that read back to the tagged link, a poster in the call's languages."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from PIL import Image

from dure.doors.desk.sharing import name_way
from tests.doors.desk.office import Office, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office(n_tasks=1, title={"ko": "새 찾기", "en": 'Find "birds" & <more>'})


def path(office: Office, name: str, *more: str) -> str:
    return reverse(name, args=[office.organisation.slug, office.call.pk, *more])


def test_share_page_has_the_link_tagged_links_and_safe_embedding(office: Office) -> None:
    page = office.client("reader").get(path(office, "desk-share")).content.decode()

    slug = office.call.slug
    assert f">http://testserver/c/{slug}/</textarea>" in page
    for tag in ("message", "mail", "poster", "web"):
        assert f"http://testserver/c/{slug}/?from={tag}" in page
    assert f"&lt;dure-call slug=&quot;{slug}&quot;&gt;&lt;/dure-call&gt;" in page
    assert "<more>" not in page


def test_ways_that_people_came_are_named_as_they_were_shared() -> None:
    tags = ["", "message", "code", "simulated", "spring-fair"]

    assert [name_way(tag) for tag in tags] == [
        "plain link", "Messenger", "Code for paper", "simulated crowd", "spring-fair"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["desk-share", "desk-poster"])
def test_link_that_no_phone_can_open_is_told(office: Office, name: str) -> None:
    reader, told = office.client("reader"), "This link opens only on the computer that runs Dure."

    assert told in reader.get(path(office, name), headers={"host": "localhost"}).content.decode()
    assert told not in reader.get(path(office, name)).content.decode()


def test_closed_call_offers_its_result_and_asks_nobody_to_answer() -> None:
    office = make_office(n_tasks=1, state="closed")

    page = office.client("reader").get(path(office, "desk-share")).content.decode()

    slug = office.call.slug
    assert f">http://testserver/c/{slug}/about</textarea>" in page
    assert f"The result: http://testserver/c/{slug}/about</textarea>" in page
    for gone in ("?from=", "no sign-up", "<dure-call", path(office, "desk-poster")):
        assert gone not in page


@pytest.mark.parametrize(("form", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_code_is_a_file_to_print(office: Office, form: str, begins: bytes) -> None:
    reply = office.client("reader").get(path(office, "desk-code", form))

    assert reply.content.startswith(begins)
    assert reply.headers["Content-Disposition"] == (
        f'attachment; filename="dure-{office.call.slug}.{form}"'
    )
    if form == "png":
        assert Image.open(io.BytesIO(reply.content)).size[0] >= 600


def test_code_in_another_form_is_not_there(office: Office) -> None:
    assert office.client("reader").get(path(office, "desk-code", "gif")).status_code == 404


def test_poster_speaks_the_calls_languages(office: Office) -> None:
    page = office.client("reader").get(path(office, "desk-poster")).content.decode()

    assert '<div lang="ko">' in page
    assert '<div lang="en">' in page
    assert "휴대폰으로 찍어 보세요." in page
    assert "Scan it with your phone." in page


def test_draft_has_nothing_to_share() -> None:
    draft = make_office(n_tasks=1, state="draft")

    reply = draft.client("owner").get(path(draft, "desk-share"))

    assert reply.status_code == 409
    assert "A draft has no link to share yet; open the call first." in reply.content.decode()
