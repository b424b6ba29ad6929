"""The task page says how much each answer counted, in words, as a number and as a bar."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dure.calls.tasks import verdicts
from dure.calls.tasks.models import Answer, Task
from dure.calls.tasks.rulings import rule_task
from dure.calls.tasks.weighing.parts import Weighed, Weight
from dure.doors.desk.pulls import Pull, Pulls
from dure.doors.desk.weighing import say_known, show_pulls
from tests.calls.tasks.test_verdicts import crowd_answers
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")
LOOK = """
import sys
import django
django.setup()
import dure.urls
from django.test import Client
print("numpy" in sys.modules)
from dure.people.models import Account
client = Client()
client.force_login(Account.objects.get(email="reader@example.org"))
reply = client.get(sys.argv[1])
print(reply.status_code, b"Before any answer" in reply.content, "numba" in sys.modules)
"""


def make_answered(*columns: list[Any], **fields: Any) -> Office:
    """A call of three tasks whose answers were fitted."""
    office = make_office(answers_max=60, answers_target=None, **fields)
    crowd_answers(office.call, *columns)
    verdicts.decide_tasks(call_id=office.call.pk)
    return office


def address_of(office: Office, *, key: str = "t1") -> str:
    task = Task.objects.get(call=office.call, key=key)
    return reverse("desk-task", args=["harbour", office.call.pk, task.id])


def rows_of(page: str) -> list[str]:
    """The words of each row of the table of answers, without who gave them and when."""
    (table,) = re.findall(r'<table class="records weights">(.*?)</table>', page, re.DOTALL)
    without = re.sub(r'<span class="from">.*?</span>', "", table, flags=re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", without, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def masked(rows: list[str]) -> list[str]:
    """Rows with their numbers hidden, which are the engine's."""
    return [re.sub(r"\d[\d.,]*", "N", row) for row in rows]


def test_each_answer_says_how_much_it_counted() -> None:
    agreeing = [["yes", "no", "yes"]] * 4
    office = make_answered(*agreeing, ["no", "no", "yes"])

    page = office.client("reader").get(address_of(office)).content.decode()

    first, prior, *answers, total = masked(rows_of(page))
    assert first == "Answer How much it counted"
    assert prior.startswith("Before any answer ")
    assert answers[:4] == [answers[0]] * 4
    assert re.fullmatch(r"yes counted (strongly |a little )?for yes × N", answers[0])
    assert re.fullmatch(r"no counted (strongly |a little )?against yes × N", answers[4])
    assert total == "All together yes is N times likelier than no"
    assert re.search(r"yes, \d+% sure; next comes no with \d+%\.", page)


def test_answer_that_came_since_is_not_counted_yet_and_one_that_went_is_told() -> None:
    office = make_answered(["yes"], ["yes"])
    gone = Answer.objects.filter(call_id=office.call.pk).earliest("seq")
    Answer.objects.filter(pk=gone.pk).update(undone_seq=10**9, undone_at=gone.at)
    crowd_answers(office.call, ["no"])

    page = office.client("reader").get(address_of(office)).content.decode()

    rows = [re.sub("strongly |a little ", "", row) for row in masked(rows_of(page))]
    assert rows[2:5] == [
        "yes counted for yes × N",
        "no not counted yet",
        "Taken back since counted for yes × N",
    ]


def test_page_takes_the_same_queries_however_many_answered() -> None:
    office = make_answered(["yes"])
    client, address = office.client("reader"), address_of(office)
    client.get(address)

    counts = {}
    for more in (0, 2, 47):
        crowd_answers(office.call, *[["no"]] * more)
        verdicts.decide_tasks(call_id=office.call.pk)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address).content.decode()
        counts[page.count('<span class="from">')] = len(asked)

    assert counts == dict.fromkeys((1, 3, 50), counts[1])


def test_ruled_task_says_what_is_known_and_what_the_answers_alone_say() -> None:
    office = make_answered(["yes"], ["yes"], ["yes"])
    task = Task.objects.get(call=office.call, key="t1")
    rule_task(call=office.call, task_id=task.id, value="no", reason="I saw it.", by="x")
    verdicts.decide_tasks(call_id=office.call.pk)

    page = office.client("reader").get(address_of(office)).content.decode()

    said = r"no is known to be true\. By the answers alone: yes is [\d.]+ times likelier than no\."
    assert re.search(said, page)


def test_page_of_another_organisation_is_unknown() -> None:
    office = make_answered(["yes"])
    foreign = make_call()
    task = Task.objects.filter(call=foreign).earliest("id")

    own = office.client("owner")
    statuses = [
        office.client("stranger").get(address_of(office)).status_code,
        own.get(reverse("desk-task", args=["harbour", foreign.pk, task.id])).status_code,
        own.get(reverse("desk-task", args=["harbour", office.call.pk, task.id])).status_code,
    ]

    assert statuses == [404, 404, 404]


def test_page_is_shown_without_compiled_code(live_db: str) -> None:
    office = make_answered(["yes"], ["no"])
    office.client("reader")

    told = subprocess.run(
        [sys.executable, "-c", LOOK, address_of(office)],
        env={**os.environ, "DURE_DATABASE": live_db},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert told == "False\n200 True False\n"


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (1.05, "hardly counted"),
        (1.2, "counted a little for yes"),
        (3, "counted for yes"),
        (30, "counted strongly for yes"),
        (1 / 1.05, "hardly counted"),
        (1 / 1.2, "counted a little against yes"),
        (1 / 3, "counted against yes"),
        (1 / 30, "counted strongly against yes"),
    ],
)
def test_weight_in_words(times: float, words: str) -> None:
    call = make_call()
    pulls = show_pulls(weigh(math.log(times)), call=call, shown=set())

    assert pulls.gone is not None
    assert pulls.gone.words == words


def test_heaviest_bar_fills_its_half_and_the_others_are_in_proportion() -> None:
    call = make_call()
    weighed = weigh(math.log(100), -math.log(10), prior=0.0)
    shown = {one.answer_id for one in weighed.answers}

    assert show_pulls(weighed, call=call, shown=shown) == Pulls(
        prior=Pull("hardly counted", "1", "50.00", "0.00", is_for=True),
        of_answer={
            weighed.answers[0].answer_id: Pull(
                "counted strongly for yes", "100", "50.00", "50.00", is_for=True
            ),
            weighed.answers[1].answer_id: Pull(
                "counted strongly against yes", "10", "25.00", "25.00", is_for=False
            ),
        },
        gone=None,
        total="yes is 10 times likelier than no",
    )


def test_only_what_is_known_is_said_to_be() -> None:
    call = make_call()

    assert say_known(None, call=call) == ""
    assert say_known(weigh(1.0), call=call) == ""


def weigh(*weights: float, prior: float = 0.1) -> Weighed:
    answers = tuple(Weight(uuid4(), "yes", weight) for weight in weights)
    return Weighed("yes", "no", prior, answers, prior + sum(weights), is_known=False)
