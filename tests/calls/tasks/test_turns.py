"""Many requests in one query: each is served on its own merits."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks import answers
from dure.calls.tasks.answers import NotJoined, NotOpen
from dure.calls.tasks.merging import find_person, merge_persons
from dure.calls.tasks.turns import Turn, make_turn, read_turn, take_turns
from dure.errors import Invalid, NotSignedIn, Refusal
from tests.factories import make_call

pytestmark = pytest.mark.usefixtures("live_db")


def join(call: Call) -> str:
    key = answers.new_key()
    answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key))
    return key


def take(call: Call, *turns: Turn) -> list[Any]:
    """The reply to each turn, or the class of its refusal."""
    query = take_turns(call_id=call.pk, turns=turns)
    with postgres.connect("collect") as door:
        rows = door.execute(query.sql, query.parameters).fetchall()
    return [_read(turn, row) for turn, row in zip(turns, rows, strict=True)]


def _read(turn: Turn, row: tuple[Any, ...]) -> Any:
    try:
        return orjson.loads(orjson.dumps(read_turn(turn, row)))
    except Refusal as refusal:
        return type(refusal)


def wants(key: str, n: int = 1) -> Turn:
    return make_turn(key=key, lease=n)


def gives(
    call: Call, key: str, *given: tuple[str, int, Any], lease: int = 0, phase: str = "first"
) -> Turn:
    items = [
        {"id": identity, "task": task, "value": value, "phase": phase}
        for identity, task, value in given
    ]
    batch = answers.read_answers(question=call.question, given=items)
    return make_turn(key=key, batch=batch, lease=lease)


def tasks_of(reply: dict[str, Any]) -> list[int]:
    return [task["id"] for task in reply["tasks"]]


def progress(call: Call) -> list[tuple[int, int]]:
    with postgres.connect("owner") as owner:
        return owner.execute(
            "select counted, leased from tasks_taskprogress where call_id = %s order by task_id",
            [call.pk],
        ).fetchall()


def test_seats_go_to_as_many_as_there_are_and_the_others_are_told_to_ask_again() -> None:
    call = make_call(n_tasks=2, answers_min=1, answers_max=3)
    keys = [join(call) for _ in range(8)]

    replies = take(call, *(wants(key) for key in keys))

    first, second = sorted(call.tasks.values_list("id", flat=True))
    assert [tasks_of(reply) for reply in replies] == [[first]] * 3 + [[second]] * 3 + [[], []]
    assert [reply["more"] for reply in replies] == [True] * 8
    assert progress(call) == [(0, 3), (0, 3)]


def test_one_person_gets_several_tasks_and_each_once() -> None:
    call = make_call(n_tasks=4, answers_min=1, answers_max=2)
    anna, ben = join(call), join(call)

    replies = take(call, wants(anna, 3), wants(ben, 3))
    again = take(call, wants(anna, 4), wants(ben, 2))

    ids = sorted(call.tasks.values_list("id", flat=True))
    assert [tasks_of(reply) for reply in replies] == [ids[:3], ids[:3]]
    assert [tasks_of(reply) for reply in again] == [ids, ids[:2]]
    assert progress(call) == [(0, 2), (0, 2), (0, 2), (0, 1)]


def test_a_refused_request_leaves_the_others_as_they_are() -> None:
    call = make_call(n_tasks=1, answers_max=5)
    elsewhere = make_call()
    anna, stranger = join(call), join(elsewhere)

    replies = take(
        call,
        wants("dure_p_unknown"),
        wants(anna),
        wants(stranger),
        gives(call, "dure_p_unknown", (str(uuid4()), 1, "yes")),
    )

    assert replies[0] is NotSignedIn
    assert len(replies[1]["tasks"]) == 1
    assert replies[2] is NotJoined
    assert replies[3] is NotSignedIn


def test_answers_of_many_are_stored_and_their_next_tasks_come_along() -> None:
    call = make_call(n_tasks=2, answers_max=5)
    keys = [join(call) for _ in range(3)]
    first, second = sorted(call.tasks.values_list("id", flat=True))
    take(call, *(wants(key) for key in keys))
    ids = [str(uuid4()) for _ in keys]

    values = ("yes", "no", None)
    turns = [
        gives(call, key, (identity, first, value), lease=1)
        for key, identity, value in zip(keys, ids, values, strict=True)
    ]
    replies = take(call, *turns)

    assert [reply["accepted"] for reply in replies] == [[identity] for identity in ids]
    assert [tasks_of(reply) for reply in replies] == [[second]] * 3
    # A skip does not count.
    assert progress(call) == [(2, 0), (0, 3)]
    assert take(call, *turns) == replies


def test_an_id_used_by_two_people_at_once_is_one_answer() -> None:
    call = make_call(n_tasks=1, answers_max=5)
    anna, ben = join(call), join(call)
    (task,) = call.tasks.values_list("id", flat=True)
    take(call, wants(anna), wants(ben))
    identity = str(uuid4())

    replies = take(
        call,
        gives(call, anna, (identity, task, "yes")),
        gives(call, ben, (identity, task, "yes")),
    )

    assert replies[0]["accepted"] == [identity]
    assert replies[1]["refused"] == [{"id": identity, "reason": "id-reused"}]
    assert progress(call) == [(1, 1)]


def test_twins_in_one_request_are_taken_one_after_the_other() -> None:
    call = make_call(n_tasks=2, answers_max=5)
    anna, ben = join(call), join(call)
    first, second = sorted(call.tasks.values_list("id", flat=True))
    take(call, wants(anna, 2), wants(ben, 2))
    one, two, three, four = (str(uuid4()) for _ in range(4))

    replies = take(
        call,
        gives(
            call,
            anna,
            (one, first, "yes"),
            (one, first, "yes"),
            (one, second, "yes"),
            (two, first, "no"),
            (three, second, None),
        ),
        gives(call, ben, (four, first, "no")),
    )

    assert replies[0]["accepted"] == [one, one, three]
    assert replies[0]["refused"] == [
        {"id": one, "reason": "id-reused"},
        {"id": two, "reason": "already-answered"},
    ]
    assert replies[1]["accepted"] == [four]
    assert progress(call) == [(2, 0), (0, 1)]


def test_two_keys_of_one_person_are_not_taken_in_one_go() -> None:
    call = make_call(n_tasks=1, answers_max=5)
    phone, laptop = join(call), join(call)
    merge_persons(person_id=find_person(key=laptop).pk, into_id=find_person(key=phone).pk)

    with pytest.raises(psycopg.DatabaseError, match="two requests of one person") as caught:
        take(call, wants(phone), wants(laptop))

    assert caught.value.sqlstate == "DU000"
    assert progress(call) == [(0, 0)]


def test_a_paused_call_keeps_answers_as_late_and_hands_out_nothing() -> None:
    call = make_call(n_tasks=2, answers_max=5)
    anna, ben = join(call), join(call)
    first, _ = sorted(call.tasks.values_list("id", flat=True))
    take(call, wants(anna))
    with postgres.connect("owner") as owner:
        owner.execute("update calls_call set state = 'paused' where id = %s", [call.pk])
    identity = str(uuid4())

    replies = take(call, gives(call, anna, (identity, first, "yes"), lease=1), wants(ben))

    assert replies[0]["late"] == [identity]
    assert (replies[0]["tasks"], replies[0]["more"]) == ([], False)
    assert replies[1] is NotOpen
    assert progress(call) == [(0, 0), (0, 0)]


def test_seats_whose_lease_ran_out_are_given_to_those_who_ask() -> None:
    call = make_call(n_tasks=1, answers_min=1, answers_max=1)
    anna, ben = join(call), join(call)
    (task,) = call.tasks.values_list("id", flat=True)
    take(call, wants(anna))
    with postgres.connect("owner") as owner:
        owner.execute("update tasks_lease set until = now() - interval '1 second'")
    identity = str(uuid4())

    (taken,) = take(call, wants(ben))
    (late,) = take(call, gives(call, anna, (identity, task, "yes")))

    assert tasks_of(taken) == [task]
    assert late["late"] == [identity]
    assert progress(call) == [(0, 1)]


@pytest.mark.parametrize("n", [0, 51])
def test_a_number_of_tasks_beyond_bounds_is_refused(n: int) -> None:
    with pytest.raises(Invalid, match=rf"^A number of tasks is 1 to 50; got {n}\.$"):
        make_turn(key="dure_p_x", lease=n)
