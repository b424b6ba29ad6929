"""The table for people: every type of question in words, as an office's Excel opens it."""

from __future__ import annotations

import codecs
import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from dure.calls.life import close_call
from dure.calls.media.storing import add_media, address_of
from dure.calls.models import Call
from dure.calls.tasks.models import Task
from dure.calls.tasks.questions import TYPES
from dure.calls.tasks.rulings import rule_task
from dure.calls.tasks.verdicts import decide_tasks
from dure.people.models import AuditEntry
from tests.calls.media import corpus
from tests.calls.tasks.test_verdicts import crowd_answers
from tests.doors.desk.office import Office, make_office
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")

STATES = [
    {"value": "good", "label": {"ko": "양호", "en": "Good"}},
    {"value": "bad", "label": {"ko": "파손", "en": "Broken"}},
    {"value": "gone", "label": {"ko": "없어짐", "en": "Gone"}},
]
HOLE = {"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2, "label": "bad"}
SHIFTED = {**HOLE, "x": 0.11, "w": 0.21}
OTHER = {"x": 0.6, "y": 0.6, "w": 0.3, "h": 0.2, "label": "good"}
BENCH = {"text": {"ko": "시청 앞 벤치", "en": "The bench at the city hall"}}
PARTS = ["가로등", "보도블록", "안내판", "난간", "벤치", "쓰레기통", "분수", "정자",
         "계단", "울타리"]  # fmt: skip


def ordered(items: list[str]) -> str:
    return " ".join(f"{place}. {item}" for place, item in enumerate(items, 1))


# A question, what its task shows, each one's answer, and the first cells in Korean and in English.
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any], list[Any], list[str], list[str]]] = {
    "choice": (
        {"options": STATES}, BENCH, ["good"] * 4,
        ["시청 앞 벤치", "양호"], ["The bench at the city hall", "Good"],
    ),
    "multi": (
        {"options": STATES}, {**BENCH, "image": "https://example.org/벤치.jpg"},
        [["good", "gone"]] * 4,
        ["시청 앞 벤치 · https://example.org/벤치.jpg", "양호, 없어짐"],
        ["The bench at the city hall · https://example.org/벤치.jpg", "Good, Gone"],
    ),
    "number": (
        {"unit": {"ko": "개", "en": "pieces"}, "min": -5000, "max": 5000}, BENCH,
        [-1250.5] * 4,
        ["시청 앞 벤치", "-1250.5"], ["The bench at the city hall", "-1250.5"],
    ),
    "text": (
        {}, {"audio": "/static/dure/%EC%86%8C%EB%A6%AC.mp3"},
        ["두레 가게", "두레가게", " 두레 가게 ", "두레 가게"],
        ["http://testserver/static/dure/%EC%86%8C%EB%A6%AC.mp3", "두레 가게"],
        ["http://testserver/static/dure/%EC%86%8C%EB%A6%AC.mp3", "두레 가게"],
    ),
    "pair": (
        {}, {"left": {"ko": "파란 벤치", "en": "A blue bench"}, "right": "빨간 벤치"},
        ["left"] * 4,
        ["왼쪽: 파란 벤치 · 오른쪽: 빨간 벤치", "파란 벤치"],
        ["left: A blue bench · right: 빨간 벤치", "A blue bench"],
    ),
    "rank": (
        {}, {"items": [{"ko": "화단", "en": "Flowers"}, *PARTS]}, [[*PARTS[::-1], "화단"]] * 4,
        [" · ".join(["화단", *PARTS]), ordered([*PARTS[::-1], "화단"])],
        [" · ".join(["Flowers", *PARTS]), ordered([*PARTS[::-1], "Flowers"])],
    ),
    "box": (
        {"options": STATES}, {"image": "https://example.org/a.jpg"},
        [[HOLE, OTHER], [SHIFTED, OTHER], [HOLE, OTHER], [HOLE, OTHER]],
        ["https://example.org/a.jpg", "파손, 양호"],
        ["https://example.org/a.jpg", "Broken, Good"],
    ),
}  # fmt: skip
SURE = {"choice": "Sure", "multi": "Sure", "text": "Sure", "pair": "Sure", "number": "Between"}


def asked(kind: str, question: dict[str, Any], content: dict[str, Any], **fields: Any) -> Call:
    question = {"type": kind, "text": "무엇이 보이나요?", **question}
    call = make_call(
        n_tasks=2,
        question=question,
        language="ko",
        answers_min=2,
        answers_max=4,
        answers_target=0.6,
        **fields,
    )
    Task.objects.filter(call=call).update(content=content)
    return call


def take(office: Office, call: Call, *, language: str = "ko") -> list[list[str]]:
    address = reverse("desk-export-table", args=["harbour", call.pk])
    reply = office.reader.get(address, headers={"accept-language": language})
    assert reply.status_code == 200
    content = reply.getvalue()
    assert content.startswith(codecs.BOM_UTF8)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    made = make_office()
    monkeypatch.setattr(Office, "reader", made.client("reader"), raising=False)
    return made


def test_every_type_of_question_is_tried_here() -> None:
    assert set(KINDS) == set(TYPES)


@pytest.mark.parametrize("kind", KINDS)
def test_task_and_verdict_are_said_as_people_saw_them(kind: str, office: Office) -> None:
    question, content, given, korean, english = KINDS[kind]
    call = asked(kind, question, content, organisation=office.organisation)
    crowd_answers(call, *([one] for one in given))
    decide_tasks(call_id=call.pk)

    _, first, second = take(office, call)
    head, in_english, _ = take(office, call, language="en")

    unit = " (pieces)" if kind == "number" else ""
    sure = [SURE[kind]] if kind in SURE else []
    assert head == [
        "Task", f"Result{unit}", *sure, "State", "Answers", "What is known to be true", "Key"
    ]  # fmt: skip
    assert first[:2] == korean
    assert first[-4:] == ["결정됨", "4", "", "t1"]
    assert [*in_english[:2], in_english[-4]] == [*english, "decided"]
    if kind in SURE:
        assert first[2].endswith("%") or kind == "number"
    # Nobody answered the second one.
    assert second == [korean[0], "", *("" for _ in sure), "진행 중", "0", "", "t2"]


def test_what_is_left_when_a_call_closes_is_said_to_be_undecided(office: Office) -> None:
    call = asked("choice", {"options": STATES}, BENCH, organisation=office.organisation)
    close_call(call=call, by="x")

    _, first, _ = take(office, call)

    assert first == ["시청 앞 벤치", "", "", "미정", "0", "", "t1"]


def test_what_is_known_is_told_from_what_was_ruled(office: Office) -> None:
    call = asked("choice", {"options": STATES}, BENCH, organisation=office.organisation)
    Task.objects.filter(call=call).update(gold="bad")
    ruled = Task.objects.get(call=call, key="t2")
    crowd_answers(call, *([["good", "good"]] * 4))
    decide_tasks(call_id=call.pk)
    rule_task(call=call, task_id=ruled.id, value="gone", reason="직접 가 봤어요", by="x")

    _, first, second = take(office, call, language="en")
    decide_tasks(call_id=call.pk)
    _, _, second_later = take(office, call, language="en")

    assert first[-2] == "Broken (known from the start)"
    bench = "The bench at the city hall"
    known = "Gone (ruled: 직접 가 봤어요)"
    assert second == second_later == [bench, "Gone", "", "decided", "4", known, "t2"]


def test_uploaded_pictures_have_the_names_that_their_uploader_gave(office: Office) -> None:
    files = [("벤치 1.jpg", io.BytesIO(corpus.picture()))]
    (added,) = add_media(organisation=office.organisation, files=files, by="x").added
    known, unknown = {"image": address_of(added.media)}, {"image": "/media/unknown.webp"}
    content = {"left": known, "right": unknown}
    call = asked("pair", {}, content, organisation=office.organisation)

    _, first, _ = take(office, call)

    assert first[0] == "왼쪽: 벤치 1.jpg · 오른쪽: http://testserver/media/unknown.webp"


def test_words_that_a_spreadsheet_would_run_are_made_plain(office: Office) -> None:
    call = asked("text", {}, {"text": "=1+1"}, organisation=office.organisation)
    crowd_answers(call, *([["@명령", "@명령"]] * 4))
    decide_tasks(call_id=call.pk)

    _, first, _ = take(office, call)

    assert first[:2] == ["'=1+1", "'@명령"]


def test_taking_the_table_is_in_the_history_and_looking_is_not(office: Office) -> None:
    address = reverse("desk-export-table", args=["harbour", office.call.pk])

    assert office.reader.head(address).status_code == 200
    reply = office.reader.get(address)

    name = f"results-{office.call.slug}.csv"
    assert reply["Content-Disposition"] == f'attachment; filename="{name}"'
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert list(AuditEntry.objects.values_list("action", "thing", "facts")) == [
        ("export", f"call:{office.call.pk}", {"what": "table", "form": "csv"})
    ]
