"""The page of a finished call: thanks, the result, and who is thanked by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dure.calls.models import Call, State
from dure.calls.tasks.answers import KEY_COOKIE
from dure.calls.tasks.models import Task
from dure.calls.tasks.verdicts import decide_tasks
from dure.people.credits import set_credit
from dure.people.models import Contributor
from tests.calls.tasks.test_every_kind import KINDS
from tests.calls.tasks.test_results import counted_call, give
from tests.factories import HOW_MANY, make_call

pytestmark = pytest.mark.django_db
OPTIONS = [
    {"value": "yes", "label": {"en": "A bird", "ko": "새"}},
    {"value": "no", "label": {"en": "No bird", "ko": "새 아님"}},
]


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def close(call: Call) -> None:
    decide_tasks(call_id=call.pk)
    call.state = State.CLOSED
    call.save()


def page_of(call: Call, key: str | None = None, language: str = "en") -> str:
    """What is read on the page, tags left out."""
    client = Client(headers={"accept-language": language})
    if key:
        client.cookies[KEY_COOKIE] = key
    body = client.get(f"/c/{call.slug}/").content.decode()
    shown = body[: body.index("<template")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def choice_call(**fields: object) -> Call:
    question = {"type": "choice", "text": "What is it?", "options": OPTIONS}
    return counted_call(question=question, n_tasks=2, answers_min=3, answers_max=3, **fields)


def test_closed_call_leads_to_its_whole_result() -> None:
    call = choice_call()
    close(call)

    body = Client().get(f"/c/{call.slug}/").content.decode()

    assert f'href="/c/{call.slug}/about"' in body[: body.index("<template")]


def test_own_answers_stand_beside_the_crowds_with_how_sure_it_is() -> None:
    call = choice_call()
    key, _ = give(call, ["no", "yes"])
    give(call, ["yes", "yes"])
    give(call, ["yes", "yes"])
    close(call)

    page = page_of(call, key)

    assert "This call is over. Thank you!" in page
    assert "3 people gave 6 answers that count, to 2 tasks." in page
    assert "In 1 of 2 tasks you and the crowd say the same." in page
    assert re.search(r"Task 1 You No bird The crowd A bird \d\d% sure", page)
    assert "Keep what I did" in page


def test_result_is_told_in_korean_with_the_options_own_words() -> None:
    call = choice_call()
    key, _ = give(call, ["yes", "yes"])
    give(call, ["yes", "yes"])
    give(call, ["yes", "yes"])
    close(call)

    page = page_of(call, key, language="ko")

    assert "3명이 문제 2개에 답 6개를 모았어요." in page
    assert "나 새" in page
    assert "A bird" not in page


def test_numbers_are_shown_with_their_unit_and_no_sureness() -> None:
    call = make_call(question={**HOW_MANY, "unit": "birds"}, n_tasks=1, answers_max=3)
    key, _ = give(call, [4])
    give(call, [6])
    give(call, [5])
    close(call)

    page = page_of(call, key)

    assert re.search(r"You 4 birds The crowd [\d.]+ birds", page)
    assert "sure" not in page
    assert "you and the crowd say the same" not in page


def test_passer_by_sees_the_result_and_no_thanks_for_nothing() -> None:
    call = choice_call()
    give(call, ["yes", "yes"])
    close(call)

    page = page_of(call)

    assert "This call is over No more answers are taken" in page
    assert "1 person gave 2 answers" in page
    assert "You and the crowd" not in page


def test_names_are_shown_only_when_the_call_is_over_and_as_text() -> None:
    call = choice_call()
    give(call, ["yes", "yes"])
    contributor = Contributor.objects.get(call_id=call.pk)
    set_credit(call_id=call.pk, contributor_id=contributor.id, name="<b>Mina & Jun</b>")

    assert "Mina" not in page_of(call)
    close(call)
    page = page_of(call)

    assert "Thanks to <b>Mina & Jun</b>" in page
    assert "<b>Mina" not in Client().get(f"/c/{call.slug}/").content.decode()


@pytest.mark.parametrize("state", ["open", "paused"])
def test_nothing_of_the_result_is_told_before_the_call_is_over(state: str) -> None:
    call = choice_call()
    key, _ = give(call, ["yes", "yes"])
    give(call, ["yes", "yes"])
    decide_tasks(call_id=call.pk)
    call.state = state
    call.save()

    body = Client(headers={"cookie": f"{KEY_COOKIE}={key}"}).get(f"/c/{call.slug}/")

    assert "The crowd" not in body.content.decode()
    assert "people gave" not in body.content.decode()


def test_page_asks_the_same_number_of_questions_however_many_tasks_there_are() -> None:
    asked = []
    for n_tasks in (1, 12):
        question = {"type": "choice", "text": "What is it?", "options": OPTIONS}
        call = counted_call(question=question, n_tasks=n_tasks, answers_min=1, answers_max=2)
        key, _ = give(call, ["yes"] * n_tasks)
        close(call)
        with CaptureQueriesContext(connection) as queries:
            page_of(call, key)
        asked.append(len(queries))

    assert asked[0] == asked[1]


# What the first of four people and the crowd said of the first task, as the page tells it.
SAID = {
    "choice": ("yes", "yes"),
    "multi": ("apple, plum", "apple, plum"),
    "number": ("10", r"1[0-3](\.\d+)? \([\d.]+ to [\d.]+\)"),
    "text": ("두레 가게", "두레 가게"),
    "pair": ("Ann", "Ann"),
    "rank": ("1. a 2. b 3. c", "1. a 2. b 3. c"),
    "box": ("apple", "apple"),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_type_says_both_sides_in_words_and_keeps_them_until_the_end(name: str) -> None:
    kind = KINDS[name]
    call = make_call(question=kind.question, n_tasks=2, answers_max=4)
    for number, content in enumerate(kind.contents, start=1):
        Task.objects.filter(call=call, key=f"t{number}").update(content=content)
    key, *_ = [give(call, column)[0] for column in kind.columns]
    decide_tasks(call_id=call.pk)
    about = f"/c/{call.slug}/about"
    assert "The crowd" not in page_of(call, key)
    assert "The result" not in Client().get(about).content.decode()

    close(call)
    page = page_of(call, key)
    public = Client().get(about).content.decode()

    mine, crowd = SAID[name]
    assert re.search(rf"You {re.escape(mine)} The crowd {crowd}", page)
    assert re.search(rf">{crowd.partition(' ')[0]}", public)
    assert ("<h2>The ranking</h2>" in public) == (name in ("pair", "rank"))
    assert ("<rect" in public) == ("broken line" in client_body(call, key)) == (name == "box")


def client_body(call: Call, key: str) -> str:
    client = Client()
    client.cookies[KEY_COOKIE] = key
    return client.get(f"/c/{call.slug}/").content.decode()
