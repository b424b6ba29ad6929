"""The pages of a task and of all tasks show a verdict of every type, in words and as a picture."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from dure.calls.models import Call
from dure.calls.tasks.models import Verdict
from dure.calls.tasks.questions import TYPES
from tests.doors.desk.handmade import KINDS, first_task, make_judged
from tests.doors.desk.office import Office, make_office

pytestmark = pytest.mark.django_db
SENTENCES = {
    "choice": "Tern, 72% sure; next comes Gull with 20%.",
    "multi": "Gull, Auk: 64% sure that it is these and no others.",
    "number": "12.5 km; with a certainty of 90 % it lies between 10 km and 15.5 km.",
    "text": "“Harbour”, 88% sure. 4 of 5 answers say this or nearly this.",
    "pair": "The left one, 81% sure.",
    "rank": "In order: Tern › Gull › Auk. Even the first is not clear yet: Tern may have any "
    "place from 1 to 2.",
    "box": "2 boxes are taken for real. By label: Gull 1, Tern 1. 1 is doubted: it may well not be "
    "there.",
}
HOW = {
    "choice": "40% said Tern, and people had expected "
    "only 15% of each other. Those who answer against the majority often know more, and this "
    "call's answers do not show otherwise: so it counts more than the majority, which said Gull.",
    "number": "Counting in what people expected of each other would give 13.8 km; in this call "
    "nothing shows that this is nearer to the truth, so it was left out.",
}
LINES = {
    "choice": ("Tern", "72%"),
    "multi": ("Gull, Auk", "64%"),
    "number": ("12.5 km", "10 to 15.5"),
    "text": ("Harbour", "88%"),
    "pair": ("left", "81%"),
    "rank": ("Tern › Gull › Auk", None),
    "box": ("2 boxes, 1 doubted", None),
}


def page_of(office: Office, call: Call, name: str = "desk-task") -> str:
    args = ["harbour", call.pk]
    if name == "desk-task":
        args.append(first_task(call).id)
    reply = office.client("reader").get(reverse(name, args=args))
    assert reply.status_code == 200
    return html.unescape(reply.content.decode())


def words_of(part: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_every_type_is_made_by_hand() -> None:
    assert set(KINDS) == set(TYPES)


@pytest.mark.parametrize("kind", TYPES)
def test_task_says_its_verdict_and_how_sure_it_is(kind: str) -> None:
    office = make_office(n_tasks=0)
    call = make_judged(kind, office.organisation)

    page = page_of(office, call)

    (sentence,) = re.findall(r'<p class="lead">(.*?)</p>', page, re.DOTALL)
    assert words_of(sentence) == SENTENCES[kind]
    assert HOW.get(kind, "") in page


@pytest.mark.parametrize("kind", TYPES)
def test_table_of_tasks_says_every_verdict_and_what_fits_beside_it(kind: str) -> None:
    office = make_office(n_tasks=0)
    call = make_judged(kind, office.organisation)

    row = page_of(office, call, "desk-tasks").split("<tbody>")[1].split("</tr>")[0]

    said, *beside = (words_of(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)[1:])
    words, sure = LINES[kind]
    assert (said, beside[:-1]) == (words, [sure] if sure else [])


@pytest.mark.parametrize("kind", TYPES)
def test_task_without_a_verdict_shows_its_whole_content(kind: str) -> None:
    office = make_office(n_tasks=0)
    call = make_judged(kind, office.organisation)
    Verdict.objects.filter(call_id=call.pk).delete()

    page = page_of(office, call)

    assert "No verdict yet." in page
    for part in KINDS[kind]["contents"][0].values():
        assert (part["image"] if isinstance(part, dict) else part) in page


def test_empty_verdict_is_none_yet() -> None:
    office = make_office(n_tasks=0)
    call = make_judged("rank", office.organisation, label=None, value=None)

    assert "No verdict yet." in page_of(office, call)


@pytest.mark.parametrize("kind", TYPES)
def test_pages_are_shown_in_korean_too(kind: str) -> None:
    office = make_office(n_tasks=0)
    call = make_judged(kind, office.organisation)
    client = office.client("reader")

    with override("ko"):
        pages = [
            client.get(reverse(name, args=args), headers={"accept-language": "ko"})
            for name, args in (
                ("desk-task", ["harbour", call.pk, first_task(call).id]),
                ("desk-tasks", ["harbour", call.pk]),
                ("desk-board", ["harbour", call.pk]),
            )
        ]

    assert [page.status_code for page in pages] == [200] * 3
    assert all('<html lang="ko">' in page.content.decode() for page in pages)
