"""Keep what I did: by a link, by mail, by name; with wrong input, repeats and strangers."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from dure.calls.models import Call
from dure.calls.tasks.answers import KEY_COOKIE
from dure.calls.tasks.merging import find_person
from dure.people.claiming import LINKS_MAX, MAILS_MAX
from dure.people.credits import credits_of
from dure.people.models import Claim, Credit, PersonMerge
from tests.calls.tasks.test_results import give
from tests.factories import make_call

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_server(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example.org"


def browser_of(key: str, **options: bool) -> Client:
    client = Client(**options)
    client.cookies[KEY_COOKIE] = key
    return client


def helper(call: Call) -> tuple[Client, str]:
    key, _ = give(call, ["yes"])
    return browser_of(key), key


def link_on(response: HttpResponse) -> str:
    found = re.search(r'href="http://testserver(/keep/dure_c_[^"]+)"', response.content.decode())
    assert found is not None
    return found[1]


def text_of(response: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_page_says_what_was_done_and_that_only_this_browser_knows() -> None:
    call = make_call()
    client, _ = helper(call)

    page = text_of(client.get(f"/c/{call.slug}/keep"))

    assert "You have answered 1 task." in page
    assert "only this browser knows" in page


@pytest.mark.parametrize("path", ["keep", "keep/link", "keep/mail", "keep/name"])
def test_whoever_has_done_nothing_here_is_sent_to_the_tasks(path: str) -> None:
    call, elsewhere = make_call(), make_call()
    _, key = helper(elsewhere)

    for client in (Client(), browser_of(key), browser_of("dure_p_guess")):
        method = client.get if path == "keep" else client.post
        response = method(f"/c/{call.slug}/{path}")
        assert (response.status_code, response.headers["Location"]) == (302, f"/c/{call.slug}/")
    assert not Claim.objects.exists()


def test_link_brings_a_second_browser_to_the_same_person() -> None:
    call = make_call()
    client, key = helper(call)

    made = client.post(f"/c/{call.slug}/keep/link")
    link = link_on(made)
    other = Client()
    shown = other.get(link)
    kept = other.post(link)

    assert "data:image/svg+xml" in made.content.decode()
    assert "Go on here as the same person?" in text_of(shown)
    assert "It is yours here, too" in text_of(kept)
    new_key = other.cookies[KEY_COOKIE].value
    assert new_key != key
    assert find_person(new_key) == find_person(key)
    assert other.cookies[KEY_COOKIE]["httponly"]


def test_links_asked_for_without_end_are_refused_with_a_sentence() -> None:
    call = make_call()
    client, _ = helper(call)
    replies = [client.post(f"/c/{call.slug}/keep/link") for _ in range(LINKS_MAX + 1)]

    assert [reply.status_code for reply in replies] == [200] * LINKS_MAX + [429]
    assert "Please wait a little." in text_of(replies[-1])


def test_looking_at_a_link_uses_nothing_and_using_it_twice_is_refused() -> None:
    call = make_call()
    client, _ = helper(call)
    link = link_on(client.post(f"/c/{call.slug}/keep/link"))

    looks = [Client().get(link).status_code for _ in range(3)]
    first, second = Client().post(link), Client().post(link)
    late_look = Client().get(link)

    assert looks == [200] * 3
    assert (first.status_code, second.status_code, late_look.status_code) == (200, 404, 404)
    assert "This link is over" in text_of(second)
    assert KEY_COOKIE not in second.cookies


def test_link_is_told_to_no_other_site_and_to_no_cache() -> None:
    call = make_call()
    client, _ = helper(call)
    link = link_on(client.post(f"/c/{call.slug}/keep/link"))

    for response in (Client().get(link), Client().post(link), Client().post(link)):
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in response.headers["Cache-Control"]


def test_both_browsers_work_counts_as_one_persons() -> None:
    call = make_call(n_tasks=1, answers_min=2, answers_max=3)
    client, _ = helper(call)
    other, _ = helper(call)
    link = link_on(client.post(f"/c/{call.slug}/keep/link"))

    assert "counts as one person's work" in text_of(other.get(link))
    other.post(link)

    assert PersonMerge.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("select counted from tasks_taskprogress")
        assert cursor.fetchall() == [(1,)]


@pytest.mark.parametrize("token", ["dure_c_", "dure_c_wrong", "x", "%00", "..%2f..", "a" * 5000])
def test_guessed_link_is_over_and_changes_nothing(token: str) -> None:
    for client in (Client(), helper(make_call())[0]):
        response = client.post(f"/keep/{token}")
        assert response.status_code == 404
    assert not PersonMerge.objects.exists()


def test_other_sites_can_not_post_here() -> None:
    call = make_call()
    _, key = helper(call)
    client = browser_of(key, enforce_csrf_checks=True)

    paths = [f"/c/{call.slug}/keep/{way}" for way in ("link", "mail", "name")]
    for path in (*paths, "/keep/dure_c_x", "/keep/passkey/begin", "/keep/passkey/found"):
        assert client.post(path).status_code == 403
    assert not Claim.objects.exists()


def test_mail_is_queued_with_its_claim_and_the_address_shown() -> None:
    call = make_call()
    client, _ = helper(call)

    response = client.post(f"/c/{call.slug}/keep/mail", {"email": " Mina@Example.org "})

    assert "We sent a link to mina@example.org." in text_of(response)
    claim = Claim.objects.get()
    assert (claim.email, claim.hash) == ("mina@example.org", None)
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where task_name = 'mail_claim'")
        ((arguments,),) = cursor.fetchall()
    assert "http://testserver" in str(arguments)


@pytest.mark.parametrize(
    "typed", ["", "mina", "mina@example.org\nBcc: a@example.org", "<script>@x", "a@b,c@d.org"]
)
def test_wrong_address_gets_advice_and_stays_in_its_field(typed: str) -> None:
    call = make_call()
    client, _ = helper(call)

    response = client.post(f"/c/{call.slug}/keep/mail", {"email": typed})

    body = response.content.decode()
    assert response.status_code == 422
    assert "Please check the address" in body
    assert 'aria-describedby="mail-advice"' in body
    assert "<script>@x" not in body
    assert not Claim.objects.exists()


def test_mails_asked_for_too_often_are_refused_with_a_sentence() -> None:
    call = make_call()
    client, _ = helper(call)
    replies = [
        client.post(f"/c/{call.slug}/keep/mail", {"email": "mina@example.org"})
        for _ in range(MAILS_MAX + 1)
    ]

    assert [reply.status_code for reply in replies] == [200] * MAILS_MAX + [429]
    assert "Three mails an hour are the most." in text_of(replies[-1])


def test_without_a_mail_server_no_mail_is_offered(settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    call = make_call()
    client, _ = helper(call)

    assert "By e-mail" not in text_of(client.get(f"/c/{call.slug}/keep"))
    client.post(f"/c/{call.slug}/keep/mail", {"email": "m@example.org"})
    assert not Claim.objects.exists()


def test_name_is_kept_changed_and_taken_back() -> None:
    call = make_call()
    client, _ = helper(call)

    client.post(f"/c/{call.slug}/keep/name", {"name": "미나"})
    assert credits_of(call_id=call.pk) == ["미나"]
    assert 'value="미나"' in client.get(f"/c/{call.slug}/keep").content.decode()
    client.post(f"/c/{call.slug}/keep/name", {"name": ""})

    assert not Credit.objects.exists()


@pytest.mark.parametrize("name", ["n" * 61, "left\u202eright"])
def test_wrong_name_gets_advice(name: str) -> None:
    call = make_call()
    client, _ = helper(call)

    response = client.post(f"/c/{call.slug}/keep/name", {"name": name})

    assert response.status_code == 422
    assert "Please write a name of 1 to 60 letters." in text_of(response)
    assert not Credit.objects.exists()
