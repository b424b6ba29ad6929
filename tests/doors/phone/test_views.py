"""The page without JavaScript, in each state, with repeats, wrong input and passers-by."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from dure import clock
from dure.calls.tasks.answers import KEY_COOKIE
from dure.calls.tasks.models import Answer, AnswerText, Lease, Task
from dure.people.models import Person
from tests.factories import HOW_MANY, WHICH_NAME, YES_NO, make_call

pytestmark = pytest.mark.django_db


def fields(response: HttpResponse) -> dict[str, str]:
    """The hidden fields of the page's answer form."""
    page = response.content.decode()
    form = page[page.index('class="answer"') :]
    return dict(re.findall(r'<input type="hidden" name="(task|id)" value="([^"]+)">', form))


def send(client: Client, slug: str, form: dict[str, str], **value: str) -> HttpResponse:
    return client.post(f"/c/{slug}/answer", {**form, **value})


def test_link_opens_the_first_question_itself() -> None:
    call = make_call(brief="Look closely.")
    client = Client()

    response = client.get(f"/c/{call.slug}/")

    page = response.content.decode()
    assert response.status_code == 200
    assert "Is it a bird?" in page
    assert "Task 1" in page
    assert client.cookies[KEY_COOKIE]["httponly"]
    assert response.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_answer_is_stored_and_the_next_task_shown_with_an_undo() -> None:
    call = make_call(n_tasks=2)
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))

    sent = send(client, call.slug, form, value="yes")
    after = client.get(sent.headers["Location"])

    assert (sent.status_code, sent.headers["Location"]) == (
        303,
        f"/c/{call.slug}/?fate=accepted&answer={form['id']}",
    )
    page = after.content.decode()
    assert "Saved. Thank you!" in page
    assert "Task 2" in page
    assert "You have answered 1 task." in page
    assert Answer.objects.get().value == "yes"


def test_form_sent_twice_is_one_answer() -> None:
    call = make_call()
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))

    replies = [send(client, call.slug, form, value="yes").headers["Location"] for _ in range(2)]

    assert replies[0] == replies[1]
    assert Answer.objects.count() == 1


def test_not_sure_is_a_skip_whatever_was_typed() -> None:
    call = make_call(question=HOW_MANY)
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))

    send(client, call.slug, form, value="99", skip="1")

    assert (Answer.objects.get().is_skip, Answer.objects.get().value) == (True, None)


@pytest.mark.parametrize("task", ["", "first", "²", "9" * 19, "9" * 5000])
def test_form_that_names_no_task_is_refused(task: str) -> None:
    call = make_call()
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))

    response = send(client, call.slug, {**form, "task": task}, value="yes")

    assert response.status_code == 422
    assert not Answer.objects.exists()


def test_wrong_number_keeps_what_was_typed_and_gives_advice() -> None:
    call = make_call(question=HOW_MANY)
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))

    response = send(client, call.slug, form, value="5000")

    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="5000"' in page
    assert "Please write a number from 0 to 1000." in page
    assert 'aria-describedby="advice"' in page
    assert fields(response) == form
    assert not Answer.objects.exists()


def test_words_are_kept_apart() -> None:
    call = make_call(question=WHICH_NAME)
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))

    send(client, call.slug, form, value="두레네 빵집")

    assert Answer.objects.get().value is None
    assert AnswerText.objects.get().text == "두레네 빵집"


def test_undo_gives_the_task_back() -> None:
    call = make_call(n_tasks=1)
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))
    send(client, call.slug, form, value="yes")

    undone = client.post(f"/c/{call.slug}/undo", {"answer": form["id"]})

    page = client.get(undone.headers["Location"]).content.decode()
    assert "Taken back. You can answer again." in page
    assert "Task 1" in page


def test_reload_keeps_the_task_and_the_person() -> None:
    call = make_call(n_tasks=5)
    client = Client()

    tasks = [fields(client.get(f"/c/{call.slug}/"))["task"] for _ in range(3)]

    assert len(set(tasks)) == 1
    assert (Person.objects.count(), Lease.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "look",
    [
        {"method": "head"},
        {"HTTP_USER_AGENT": "facebookexternalhit/1.1"},
        {"HTTP_USER_AGENT": "kakaotalk-scrap/1.0"},
        {"HTTP_SEC_PURPOSE": "prefetch"},
    ],
)
def test_preview_of_a_link_makes_no_person_and_takes_no_task(look: dict[str, Any]) -> None:
    call = make_call(brief="Look closely.")
    headers = {name: value for name, value in look.items() if name != "method"}

    response = getattr(Client(), look.get("method", "get"))(f"/c/{call.slug}/", **headers)

    assert response.status_code == 200
    assert (Person.objects.count(), Lease.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        ("draft", 404, "This call has not opened yet"),
        ("paused", 200, "This call is taking a break"),
        ("closed", 200, "This call is over"),
    ],
)
def test_each_state_has_its_page(state: str, status: int, words: str) -> None:
    call = make_call(state=state)

    response = Client().get(f"/c/{call.slug}/")

    assert (response.status_code, words in response.content.decode()) == (status, True)


@pytest.mark.parametrize("address", ["/c/nowhere/", "/c/%00/", "/c/%F0%9F%98%80/", "/elsewhere"])
def test_unknown_address_is_a_kind_page(address: str) -> None:
    response = Client().get(address)

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_nothing_left_is_thanked_for() -> None:
    call = make_call(n_tasks=1)
    client = Client()
    send(client, call.slug, fields(client.get(f"/c/{call.slug}/")), value="yes")

    assert "That was all for you." in client.get(f"/c/{call.slug}/").content.decode()


def test_task_that_others_hold_is_not_said_to_be_done() -> None:
    call = make_call(n_tasks=1, answers_min=1, answers_max=1)
    holder, waiting = Client(), Client()
    form = fields(holder.get(f"/c/{call.slug}/"))

    page = waiting.get(f"/c/{call.slug}/").content.decode()

    assert "<h1>Others are working on the last tasks right now</h1>" in page
    assert "If one comes free, you will find it here." in page
    assert f'<a class="link-button again" href="/c/{call.slug}/">Look again</a>' in page
    shown, _, kept_for_code = page.partition("<template")
    assert "That was all for you." not in shown
    assert "That was all for you." in kept_for_code
    Lease.objects.update(until=clock.now() - timedelta(seconds=1))
    assert fields(waiting.get(f"/c/{call.slug}/"))["task"] == form["task"]


def test_answer_after_its_time_is_kept_and_said_to_be_late() -> None:
    call = make_call(n_tasks=1)
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))
    Lease.objects.update(until=clock.now() - timedelta(seconds=1))

    sent = send(client, call.slug, form, value="yes")

    page = client.get(sent.headers["Location"]).content.decode()
    assert "Your answer came after its time. We kept it, but it does not count." in page
    assert Answer.objects.get().is_late


def test_anothers_task_can_not_be_answered() -> None:
    call = make_call(n_tasks=2, answers_min=1, answers_max=1)
    mine, other = Client(), Client()
    theirs = fields(other.get(f"/c/{call.slug}/"))
    fields(mine.get(f"/c/{call.slug}/"))

    sent = send(mine, call.slug, theirs, value="yes")

    assert "fate=gone" in sent.headers["Location"]
    assert not Answer.objects.exists()


def test_form_without_its_cookie_starts_again() -> None:
    call = make_call()
    form = fields(Client().get(f"/c/{call.slug}/"))

    sent = send(Client(), call.slug, form, value="yes")

    assert (sent.status_code, sent.headers["Location"]) == (302, f"/c/{call.slug}/")
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    "change", [{"task": "x"}, {"id": "7"}, {"task": ""}, {"id": ""}, {"task": "9" * 30}]
)
def test_mangled_form_is_refused_with_a_page(change: dict[str, str]) -> None:
    call = make_call()
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))

    response = send(client, call.slug, {**form, **change}, value="yes")

    assert response.status_code == 422
    assert "Nothing was lost." in response.content.decode()


def test_posts_need_the_forms_own_token() -> None:
    call = make_call()
    client = Client(enforce_csrf_checks=True)
    form = fields(client.get(f"/c/{call.slug}/"))

    refused = send(client, call.slug, form, value="yes")

    assert (refused.status_code, "Nothing was lost." in refused.content.decode()) == (403, True)
    assert not Answer.objects.exists()


def test_language_switch_keeps_the_place() -> None:
    call = make_call(n_tasks=3)
    client = Client()
    before = fields(client.get(f"/c/{call.slug}/"))

    switched = client.post("/language", {"language": "ko", "next": f"/c/{call.slug}/"})
    after = client.get(switched.headers["Location"])

    assert '<html lang="ko">' in after.content.decode()
    assert "잘 모르겠어요" in after.content.decode()
    assert fields(after)["task"] == before["task"]


def test_what_a_contributor_writes_is_never_markup() -> None:
    call = make_call(question=HOW_MANY, brief="<script>alert(1)</script>")
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))

    page = send(client, call.slug, form, value='"><script>x</script>').content.decode()

    assert "<script>" not in page


def test_nothing_of_others_answers_shows_on_the_page() -> None:
    call = make_call(n_tasks=1, question=HOW_MANY)
    writer, reader = Client(), Client()
    send(writer, call.slug, fields(writer.get(f"/c/{call.slug}/")), value="777")

    pages = [reader.get(f"/c/{call.slug}/").content, Client().get("/").content]

    assert all(b"777" not in page for page in pages)


def test_host_that_is_not_ours_gets_a_page_that_names_it_nowhere() -> None:
    response = Client().get("/", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert "Nothing was lost." in response.content.decode()
    assert "evil.example" not in response.content.decode()


TYPES = {
    "multi": ({"type": "multi", "text": "?", "options": ["a", "b"]}, {"text": "t"},
              {"value": ["b", "a"]}, ["a", "b"]),
    "pair": ({"type": "pair", "text": "?"}, {"left": "l", "right": {"image": "/media/r"}},
             {"value": "left"}, "left"),
    "rank": ({"type": "rank", "text": "?"}, {"items": ["x", {"en": "y", "ko": "와"}]},
             {"item": ["x", "y"], "place": ["2", "1"]}, ["y", "x"]),
    "box": ({"type": "box", "text": "?", "options": ["cat"]}, {"image": "/media/i"},
            {"x": "10", "y": "10", "w": "50", "h": "50", "label": "cat"},
            [{"x": 0.1, "y": 0.1, "w": 0.5, "h": 0.5, "label": "cat"}]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_is_answered_without_javascript(kind: str) -> None:
    question, content, sent, stored = TYPES[kind]
    call = make_call(n_tasks=1, question=question)
    Task.objects.filter(call=call).update(content=content)
    client = Client()
    page = client.get(f"/c/{call.slug}/")

    response = client.post(f"/c/{call.slug}/answer", {**fields(page), **sent})

    assert response.headers["Location"].startswith(f"/c/{call.slug}/?fate=accepted")
    assert Answer.objects.get().value == stored


def test_guess_of_the_others_is_stored_with_the_answer() -> None:
    call = make_call(question={**YES_NO, "predict": True})
    client = Client()
    form = fields(client.get(f"/c/{call.slug}/"))

    client.post(f"/c/{call.slug}/answer", {**form, "value": "yes", "guess": ["70", ""]})

    assert Answer.objects.get().prediction == {"yes": 0.7}


def test_wrong_fields_of_a_type_are_met_with_advice() -> None:
    question, content, _, _ = TYPES["rank"]
    call = make_call(n_tasks=1, question=question)
    Task.objects.filter(call=call).update(content=content)
    client = Client(headers={"Accept-Language": "en"})
    form = fields(client.get(f"/c/{call.slug}/"))

    response = client.post(
        f"/c/{call.slug}/answer", {**form, "item": ["x", "y"], "place": ["1", "1"]}
    )

    assert response.status_code == 422
    assert "Please give each a place of its own, beginning with 1." in response.content.decode()
    assert not Answer.objects.exists()
