"""What a call's pages show in each state: live while open, no figure where there is none."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.urls import reverse

from dure.calls import rehearsing
from dure.calls.tasks.models import Tally
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call, make_organisation

pytestmark = pytest.mark.django_db
OFFERED = (
    "This is a demo. Let a simulated crowd answer for up to ten minutes and watch the board move."
)
PRESENT = "A simulated crowd is answering this call. These are not people."
GONE = "The simulated crowd has gone home: nothing is left to answer. They were not people."


@pytest.mark.parametrize(
    ("state", "is_shown"), [("open", True), ("paused", False), ("closed", False)]
)
def test_only_an_open_call_is_called_live(state: str, is_shown: bool) -> None:
    page = board_of(state)

    (sign,) = re.findall(r'<p class="live"[^>]*>', page)
    assert ("hidden" not in sign) == is_shown


def test_board_without_a_forecast_does_not_say_when_it_is_done() -> None:
    page = board_of("open")

    assert "<dt>Forecast</dt>" in page
    assert "Done in about" not in page


def test_closed_call_has_no_empty_row_of_buttons() -> None:
    assert 'class="buttons" method="post"' not in board_of("closed")


@pytest.mark.parametrize(("state", "word"), [("open", "open"), ("closed", "undecided")])
def test_task_that_a_closed_call_left_is_not_called_open(state: str, word: str) -> None:
    table, board = pages_of(state, "desk-tasks", "desk-board")

    assert f'<span class="chip-small open">{word}</span>' in table
    assert f'<option value="open" >{word}</option>' in table
    assert f"<dt>{word.capitalize()}</dt>" in board


def test_demos_board_says_of_its_simulated_crowd_whether_it_is_there() -> None:
    organisation = make_organisation("demo")
    call, answered = (make_call(organisation=organisation, n_tasks=n) for n in (2, 0))
    client = Office(organisation, call).client("owner")
    where = reverse("desk-board", args=["demo", call.pk])
    Tally.objects.create(call_id=call.pk, slot=0, tasks=2)

    said = [crowd_of(client.get(where))]
    rehearsing.start_rehearsal(call=call, by="x")
    said.append(crowd_of(client.get(where)))
    rehearsing.end_rehearsal(call.pk)
    said.append(crowd_of(client.get(where)))
    rehearsing.start_rehearsal(call=answered, by="x")
    rehearsing.end_rehearsal(answered.pk)
    said.append(crowd_of(client.get(reverse("desk-board", args=["demo", answered.pk]))))

    assert said == [OFFERED, PRESENT, OFFERED, GONE]


def crowd_of(board: HttpResponse) -> str:
    (form,) = re.findall(r"<form[^>]*rehearsal.*?</form>", board.content.decode(), re.DOTALL)
    (sentence,) = re.findall(r"<p>(.*?)</p>", form)
    return str(sentence)


def board_of(state: str) -> str:
    (board,) = pages_of(state, "desk-board")
    return board


def pages_of(state: str, *names: str) -> list[str]:
    office = make_office(n_tasks=1, state=state)
    client = office.client("owner")
    where = [office.organisation.slug, office.call.pk]
    return [client.get(reverse(name, args=where)).content.decode() for name in names]
