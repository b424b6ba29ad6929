"""The board shows what was found in all tasks together, whatever was asked."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

from dure.calls.models import Call
from dure.calls.tasks.models import Refit
from dure.calls.tasks.questions import TYPES
from dure.calls.texts import Words
from dure.doors.desk.verdicts.boards import draw_labels, draw_texts, draw_together
from dure.doors.desk.verdicts.parts import Measured
from tests.doors.desk.handmade import make_judged
from tests.doors.desk.office import make_office

PARTS = {
    "choice": [],
    "multi": ["shares"],
    "number": ["spread"],
    "text": ["texts"],
    "pair": ["ranking"],
    "rank": ["ranking"],
    "box": ["labels", "certainties"],
}
NEVER = "groups that were never compared with each other"
CALL = Call(language="en", question={"type": "box", "options": [
    {"value": "gull", "label": "Gull"}]})  # fmt: skip


def board_of(kind: str, **summary: object) -> str:
    office = make_office(n_tasks=0)
    call = make_judged(kind, office.organisation)
    refit = Refit.objects.get(call=call)
    refit.summary |= summary
    refit.save()
    page = office.client("reader").get(reverse("desk-board", args=["harbour", call.pk]))
    return html.unescape(page.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TYPES)
def test_board_has_the_parts_of_its_type(kind: str) -> None:
    parts = re.findall(r'data-part="(\w+)"', board_of(kind))

    assert parts == ["minutes", "days", *PARTS[kind], "sources"]


@pytest.mark.django_db
def test_board_of_a_pair_warns_of_items_that_were_never_compared() -> None:
    page = board_of("pair")

    assert f"2 {NEVER}" in page
    assert "Ask for more pairs between them." in page
    assert len(re.findall(r'<span class="places">', page)) == 24
    assert page.count("Show all 24") == 1
    assert '<ol class="ranking" start="21">' in page
    assert page.count('<img class="thumb" src="/static/dure/demo/sign-') == 4


@pytest.mark.django_db
def test_board_of_connected_items_does_not_warn() -> None:
    page = board_of("rank")

    assert NEVER not in page
    assert "Show all" not in page
    assert "no bound" in page


@pytest.mark.django_db
def test_board_says_that_more_items_are_ranked_than_it_shows() -> None:
    assert "The first 24 of 1,000." in board_of("pair", items=1000)


@pytest.mark.django_db
def test_board_of_boxes_counts_boxes_where_others_count_tasks() -> None:
    page = board_of("box")

    assert re.search(r"<dt>Boxes taken for real</dt><dd><span class=\"much\">2</span>", page)
    assert "1 doubted" in page
    assert "How likely the boxes are" in page
    assert "How sure the verdicts are" not in page


@pytest.mark.django_db
def test_shares_that_may_overlap_are_said_to() -> None:
    assert "the shares may add up to more than 100 %" in board_of("multi")


def test_commonest_text_has_the_longest_bar() -> None:
    summary = {"texts": [{"text": "a", "tasks": 4}, {"text": "b", "tasks": 1}]}

    assert draw_texts(summary, CALL) == [
        Measured(Words("a", "en"), "100.00", "4 tasks"),
        Measured(Words("b", "en"), "25.00", "1 task"),
    ]


def test_commonest_label_comes_first() -> None:
    summary = {"labels": [{"value": "auk", "boxes": 1}, {"value": "gull", "boxes": 2}]}

    assert draw_labels(summary, CALL) == [
        Measured(Words("Gull", "en"), "100.00", "2 boxes"),
        Measured(Words("auk", "en"), "50.00", "1 box"),
    ]


def test_call_without_verdicts_shows_nothing_of_them() -> None:
    shown = draw_together({}, CALL)

    assert {name for name, value in shown.items() if value} == set()
