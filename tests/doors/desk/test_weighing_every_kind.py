"""The task page says what each answer counted for questions of every type."""

from __future__ import annotations

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

from dure.calls.models import Call
from dure.calls.tasks import verdicts
from dure.calls.tasks.models import Task, WorkerHabits
from dure.calls.tasks.rulings import rule_task
from dure.calls.tasks.weighing.parts import Beside, Moved, Weighed, Weight
from dure.doors.desk.pulls import Pull
from dure.doors.desk.weighing import say_known, show_pulls
from tests.calls.tasks.test_verdicts import crowd_answers
from tests.calls.tasks.test_weights_of_every_kind import KINDS, asked
from tests.doors.desk.office import make_office
from tests.doors.desk.test_weighing import masked, rows_of
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")

LOOK = """
import sys
import django
django.setup()
from django.test import Client
from dure.people.models import Account
client = Client()
client.force_login(Account.objects.get(email="reader@example.org"))
for address in sys.argv[1:]:
    reply = client.get(address)
    print(reply.status_code, b"records weights" in reply.content, "numba" in sys.modules)
"""
COUNTED = r"(hardly counted|counted (strongly |a little )?(for|against) {label}) × N\+?"
# The last row, the rows that are no answer's, and what each answer's row ends with.
SAID = {
    "choice": (
        r"All together \w+ is N\+? times likelier than \w+",
        ["Before any answer"],
        COUNTED.format(label=r"\w+"),
    ),
    "multi": (
        r"All together that \w+ (belongs|does not belong) is N times likelier than that it does.*",
        ["Before any answer"],
        COUNTED.format(label=r"\w+"),
    ),
    "number": (
        r"All together the estimate is N kg",
        ["The middle of the answers", "What is usual in this call"],
        r"(hardly moved it|moved it by (\+|−)N kg) N% of the weight",
    ),
    "text": (
        r"All together 두레 가게 is N times likelier than (.+|that none of them is right)",
        ["Doubts about the spelling"],
        COUNTED.format(label="두레 가게"),
    ),
    "pair": (
        r"All together left is N times likelier than (right|the same)",
        [
            "Before any answer",
            "Other comparisons of the left one",
            "Other comparisons of the right one",
        ],
        COUNTED.format(label="left"),
    ),
    "rank": (
        r"All together the score of \w+, from the middle of these items: −?N",
        ["The middle of these items"],
        r"(hardly moved it|moved it (up|down) by N)",
    ),
    "box": (
        r"All together that box N is real is N\+? times likelier than that it is not",
        ["Before any answer"],
        COUNTED.format(label="box N"),
    ),
}


def decided(kind: str, **question: Any) -> Call:
    call = asked(kind, **question)
    verdicts.decide_tasks(call_id=call.pk)
    return call


def page_of(client: Any, call: Call, *, key: str = "t1", query: str = "") -> str:
    task = Task.objects.get(call=call, key=key)
    address = reverse("desk-task", args=[call.organisation.slug, call.pk, task.id])
    reply = client.get(address + query)
    assert reply.status_code == 200
    return str(reply.content.decode())


def test_each_answer_says_what_it_counted_whatever_was_asked() -> None:
    office = make_office()
    client = office.client("reader")
    assert set(SAID) == set(KINDS)
    for kind, (total, others, words) in SAID.items():
        call = decided(kind, **({"unit": "kg"} if kind == "number" else {}))
        Call.objects.filter(pk=call.pk).update(organisation=office.organisation)
        call.refresh_from_db()

        _head, *rows, last = masked(rows_of(page_of(client, call)))

        assert re.fullmatch(total, last), (kind, last)
        assert len(rows) == len(others) + 5, (kind, rows)
        for row, name in zip(rows, others, strict=False):
            assert row.startswith(name), (kind, row)
        for row in rows[len(others) :]:
            assert re.search(f" {words}$", row), (kind, row)


def test_pages_are_shown_without_compiled_code(live_db: str) -> None:
    office = make_office()
    office.client("reader")
    addresses = []
    for kind in KINDS:
        call = decided(kind)
        Call.objects.filter(pk=call.pk).update(organisation=office.organisation)
        task = Task.objects.filter(call=call).earliest("id")
        addresses.append(reverse("desk-task", args=["harbour", call.pk, task.id]))

    told = subprocess.run(
        [sys.executable, "-c", LOOK, *addresses],
        env={**os.environ, "DURE_DATABASE": live_db},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert told == "200 True False\n" * len(KINDS)


def test_other_options_items_and_boxes_are_a_link_away() -> None:
    office = make_office()
    client = office.client("reader")
    expected = {
        "multi": ("?label=fig#answers", r"that fig (belongs|does not belong) is"),
        "rank": ("?item=fig#answers", r"the score of fig, from"),
        "box": ("?box=2#answers", r"that box 2 is (not )?real is"),
    }
    for kind, (link, total) in expected.items():
        call = decided(kind)
        Call.objects.filter(pk=call.pk).update(organisation=office.organisation)
        call.refresh_from_db()

        first = page_of(client, call)
        other = page_of(client, call, query=link.split("#")[0])
        stray = page_of(client, call, query=link.split("=")[0] + "=nothing")

        assert f'href="{link}"' in first, kind
        assert re.search(total, rows_of(other)[-1]), kind
        assert f'href="{link}" aria-current="true"' in other, kind
        assert rows_of(stray) == rows_of(first) != rows_of(other), kind


def test_predictions_say_what_they_counted() -> None:
    call = asked("choice", predict=True)
    answers = (Weight(uuid4(), "pear", 1.5, 0.5), Weight(uuid4(), "fig", -1.0, 0.0))
    weighed = Weighed("pear", "fig", 0.1, answers, 0.6, is_known=False)

    pulls = show_pulls(weighed, call=call, shown={one.answer_id for one in answers})

    assert [pull.note for pull in pulls.of_answer.values()] == [
        "of it the prediction: counted a little for pear × 1.6", "",
    ]  # fmt: skip


def test_page_takes_the_same_queries_however_many_answered_whatever_was_asked() -> None:
    office = make_office(question={"type": "number", "text": "How many?"}, answers_max=60)
    client = office.client("reader")
    counts = set()
    for more in (1, 2, 20):
        crowd_answers(office.call, *[[1.5 * more, 4, 5]] * more)
        verdicts.decide_tasks(call_id=office.call.pk)
        page_of(client, office.call)
        with CaptureQueriesContext(connection) as taken:
            assert "How far it moved it" in page_of(client, office.call)
        counts.add(len(taken))

    assert len(counts) == 1


def test_page_of_a_fit_that_kept_nothing_has_no_such_column() -> None:
    office = make_office(question={"type": "number", "text": "How many?"})
    crowd_answers(office.call, [3], [4])
    verdicts.decide_tasks(call_id=office.call.pk)
    WorkerHabits.objects.all().delete()

    page = page_of(office.client("reader"), office.call)

    assert "How far it moved it" not in page
    assert '<table class="records weights">' not in page


def test_known_number_says_what_the_answers_alone_say() -> None:
    office = make_office(question={"type": "number", "text": "How many?", "unit": "kg"})
    crowd_answers(office.call, [3], [4], [5])
    task = Task.objects.get(call=office.call, key="t1")
    rule_task(call=office.call, task_id=task.id, value=40, reason="I saw it.", by="x")
    verdicts.decide_tasks(call_id=office.call.pk)

    page = page_of(office.client("reader"), office.call)

    assert re.search(r"Known to be true: 40\. By the answers alone: [\d.]+ kg\.", page)


def test_known_pair_says_nothing_of_the_answers_alone_which_its_scores_do_not_tell() -> None:
    call = make_call(question={"type": "pair", "text": "?"}, n_tasks=0)
    besides = (Beside("left", 0.5), Beside("right", 0.0))
    known = Weighed(
        "left", "right", 0.0, (), 0.5, is_known=True, kind="pair", besides=besides, truth="left"
    )

    assert say_known(known, call=call) == "Known to be true: left."
    pulls = show_pulls(known, call=call, shown=set())
    assert [name for name, _pull in pulls.besides] == [
        "Other comparisons of the left one, and what is known"
    ]


def test_moves_share_one_scale_and_those_taken_back_are_one() -> None:
    call = make_call(question={"type": "number", "text": "?"}, n_tasks=0)
    ids = [uuid4() for _ in range(4)]
    answers = tuple(
        Weight(one, 1, amount) for one, amount in zip(ids, (2.4, -1.2, 0.001, 0.6), strict=True)
    )
    moved = Moved(
        "number", 10.0, answers, (Beside("usual", 0.0),), 11.801, is_known=False,
        shares=(0.4, 0.3, 0.2, 0.1),
    )  # fmt: skip

    pulls = show_pulls(moved, call=call, shown=set(ids[:3]))

    assert pulls.prior == Pull("10", "", "", "", is_for=True)
    assert list(pulls.of_answer.values()) == [
        Pull("moved it by +2.4", "", "50.00", "50.00", is_for=True, note="40% of the weight"),
        Pull("moved it by −1.2", "", "25.00", "25.00", is_for=False, note="30% of the weight"),
        Pull("hardly moved it", "", "50.00", "0.02", is_for=True, note="20% of the weight"),
    ]
    assert pulls.gone == Pull("moved it by +0.6", "", "50.00", "12.50", is_for=True)
    assert (pulls.besides, pulls.total) == ((), "the estimate is 11.8")


def test_answers_beyond_those_that_are_shown_are_not_said_to_be_taken_back() -> None:
    call = make_call(n_tasks=0)
    answers = tuple(Weight(uuid4(), "yes", 0.01) for _ in range(201))
    weighed = Weighed("yes", "no", 0.0, answers, 2.01, is_known=False)

    pulls = show_pulls(weighed, call=call, shown={one.answer_id for one in answers[:200]})

    assert pulls.gone_name == "Taken back since, or not shown here"


@pytest.mark.parametrize(
    ("kind", "runner_up", "log_odds", "words"),
    [
        ("multi", None, 1.1, "that yes belongs is 3 times likelier than that it does not"),
        ("multi", None, -1.1, "that yes does not belong is 3 times likelier than that it does"),
        (
            "box",
            None,
            20.0,
            "that box yes is real is 1,000,000+ times likelier than that it is not",
        ),
        ("box", None, -1.1, "that box yes is not real is 3 times likelier than that it is"),
        ("text", None, 1.1, "yes is 3 times likelier than that none of them is right"),
        ("text", None, -1.1, "that none of them is right is 3 times likelier than yes"),
        ("text", "no", -1.1, "no is 3 times likelier than yes"),
    ],
)
def test_odds_in_words(kind: str, runner_up: str | None, log_odds: float, words: str) -> None:
    call = Call(question={"type": "text"}, language="en")
    weighed = Weighed("yes", runner_up, log_odds, (), log_odds, is_known=False, kind=kind)

    assert show_pulls(weighed, call=call, shown=set()).total == words
