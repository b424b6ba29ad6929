from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from dure.calls.models import Call
from tests.doors.api.asking import BIRD, Organiser
from tests.factories import make_call, make_organisation

TASKS = {"tasks": [{"key": "1", "content": {"text": "A gull"}}]}


def test_a_call_is_led_through_its_whole_life(db: None) -> None:
    organiser = Organiser(make_organisation())
    call = organiser.create(title={"en": "Birds", "ko": "새"})
    path = f"/calls/{call['id']}"

    assert (call["state"], call["join_url"]) == ("draft", f"http://testserver/c/{call['slug']}/")
    assert organiser.patch(path, {"brief": "In the harbour"}).json()["brief"] == "In the harbour"
    assert organiser.post(f"{path}/open").json()["code"] == "no-tasks"
    assert organiser.post(f"{path}/tasks", TASKS).json()["added"] == 1
    for step, state in [
        ("open", "open"),
        ("open", "open"),
        ("pause", "paused"),
        ("open", "open"),
        ("reveal", "open"),
        ("close", "closed"),
        ("close", "closed"),
    ]:
        reply = organiser.post(f"{path}/{step}")
        assert (step, reply.status_code, reply.json()["state"]) == (step, 200, state)
    assert organiser.post(f"{path}/open").status_code == 409
    assert organiser.patch(path, {"title": "Other"}).json()["code"] == "not-a-draft"
    assert organiser.get(path).json()["work"] == {
        "tasks": 1, "counted": 0, "skipped": 0, "late": 0,
    }  # fmt: skip


def test_a_request_with_a_key_makes_one_call_however_often_it_is_sent(db: None) -> None:
    organiser = Organiser(make_organisation())
    body = {"kind": "tasks", "title": "Birds", "question": BIRD}

    replies = [organiser.post("/calls", body, **{"Idempotency-Key": "abc"}) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].json() == replies[1].json()
    assert Call.objects.count() == 1


def test_what_is_not_available_yet_is_told(db: None) -> None:
    organiser = Organiser(make_organisation())

    def refusal(**fields: Any) -> tuple[int, str]:
        body = {"kind": "tasks", "title": "Birds", "question": BIRD, **fields}
        reply = organiser.post("/calls", body)
        return reply.status_code, reply.json()["detail"]

    assert refusal(kind="fund") == (
        422, "Calls of kind 'fund' are not available yet; use 'tasks'.",
    )  # fmt: skip
    assert refusal(visibility="reveal") == (
        422, "The visibility 'reveal' is not available yet; use 'sealed' or 'after_own'.",
    )  # fmt: skip
    assert refusal(promise={"kind": "gift"}) == (
        422, ("A promise's kind is 'nothing', 'per_answer', 'pool', 'revenue_share' or 'several'; "
        "got 'gift'."),
    )  # fmt: skip


def test_the_list_is_read_page_by_page_the_newest_first(db: None) -> None:
    organisation = make_organisation()
    calls = [make_call(organisation=organisation, n_tasks=0) for _ in range(5)]
    make_call()
    organiser = Organiser(organisation, scope="read")
    seen, cursor = [], ""

    while cursor is not None:
        page = organiser.get(f"/calls?limit=2{cursor and '&cursor='}{cursor}").json()
        seen.append([call["id"] for call in page["calls"]])
        cursor = page["next"]

    ids = [call.pk for call in reversed(calls)]
    assert seen == [ids[:2], ids[2:4], ids[4:]]


def test_a_list_of_three_costs_as_many_queries_as_a_list_of_one(db: None) -> None:
    organisation = make_organisation()
    organiser = Organiser(organisation)
    costs = []

    for n_more in (1, 2):
        for _ in range(n_more):
            make_call(organisation=organisation)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            organiser.get("/calls")
        costs.append(len(queries))

    assert costs == [3, 3]
