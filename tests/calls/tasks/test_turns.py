"""Many requests in one query: each is served on its own merits."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks import answers
from dure.calls.tasks.answers import NotJoined, NotOpen
from dure.calls.tasks.leases import forget_frontiers
from dure.calls.tasks.merging import find_person, merge_persons
from dure.calls.tasks.turns import Turn, is_put_off, make_turn, read_in_full, take_turns
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
        return read_in_full(turn, row)
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


def test_of_two_keys_of_one_person_the_second_is_put_off_and_nobody_else() -> None:
    call = make_call(n_tasks=1, answers_max=5)
    phone, laptop, ben = join(call), join(call), join(call)
    merge_persons(person_id=find_person(key=laptop).pk, into_id=find_person(key=phone).pk)
    turns = [wants(phone), wants(laptop), wants(ben)]

    query = take_turns(call_id=call.pk, turns=turns)
    with postgres.connect("collect") as door:
        rows = door.execute(query.sql, query.parameters).fetchall()

    assert [is_put_off(row) for row in rows] == [False, True, False]
    assert [len(_read(turns[place], rows[place])["tasks"]) for place in (0, 2)] == [1, 1]
    assert progress(call) == [(0, 2)]
    assert tasks_of(take(call, wants(laptop))[0]) == tasks_of(_read(turns[0], rows[0]))


def test_answers_that_were_all_refused_before_are_told_so_in_a_paused_call_too() -> None:
    call = make_call(n_tasks=1)
    anna = join(call)
    (task,) = tasks_of(take(call, wants(anna))[0])
    turn = gives(call, anna, (str(uuid4()), task, "perhaps"))
    (open_reply,) = take(call, turn)
    with postgres.connect("owner") as owner:
        owner.execute("update calls_call set state = 'paused' where id = %s", [call.pk])

    (paused_reply,) = take(call, turn)

    assert [refused["reason"] for refused in open_reply["refused"]] == ["bad-value"]
    assert paused_reply == open_reply
    # Also beside a wish for tasks, but not to somebody whose key is not known.
    wishing = gives(call, anna, (str(uuid4()), task, "perhaps"), lease=2)
    stranger = gives(call, "dure_p_unknown", (str(uuid4()), task, "perhaps"))
    replies = take(call, wishing, stranger)
    assert (replies[0]["tasks"], replies[0]["more"]) == ([], False)
    assert replies[1] is NotSignedIn


def test_tasks_come_along_with_answers_that_were_all_refused_before() -> None:
    call = make_call(n_tasks=3)
    anna = join(call)
    (task,) = tasks_of(take(call, wants(anna))[0])

    (reply,) = take(call, gives(call, anna, (str(uuid4()), task, "perhaps"), lease=2))

    assert [refused["reason"] for refused in reply["refused"]] == ["bad-value"]
    assert len(reply["tasks"]) == 2


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
    with pytest.raises(Invalid, match=rf"^n is a number of tasks, 1 to 50; got {n}\.$"):
        make_turn(key="dure_p_x", lease=n)


MARGIN = 20


def make_long_call(*, n_done: int, n_left: int, seats: int = 1) -> tuple[Call, list[int]]:
    """A call of which the first so many tasks are done; and its tasks' ids."""
    call = make_call(n_tasks=0, answers_min=1, answers_max=seats)
    with postgres.connect("owner") as owner:
        owner.execute(
            "create or replace function collect.frontier_margin() returns bigint"
            f" language sql immutable as $$ select {MARGIN}::bigint $$"
        )
        owner.execute(
            "insert into tasks_task (call_id, key, content) select %s, n, '{}'"
            " from generate_series(1, %s) n",
            [call.pk, n_done + n_left],
        )
        owner.execute(
            "insert into tasks_taskprogress (call_id, task_id, capacity, counted)"
            " select call_id, id, %s, %s * (row_number() over (order by id) <= %s)::int"
            " from tasks_task where call_id = %s",
            [seats, seats, n_done, call.pk],
        )
    return call, sorted(call.tasks.values_list("id", flat=True))


def free_seats(*tasks: int) -> None:
    """Without telling the frontier."""
    with postgres.connect("owner") as owner:
        owner.execute(
            "update tasks_taskprogress set counted = 0 where task_id = any (%s)", [list(tasks)]
        )


def frontier(call: Call) -> list[tuple[int]]:
    with postgres.connect("owner") as owner:
        return owner.execute(
            "select up_to from tasks_frontier where call_id = %s", [call.pk]
        ).fetchall()


def test_newcomers_begin_where_the_work_is_and_not_at_what_is_done() -> None:
    call, ids = make_long_call(n_done=100, n_left=10)

    (first,) = take(call, wants(join(call)))
    many = take(call, *(wants(join(call)) for _ in range(3)))

    assert tasks_of(first) == [ids[100]]
    assert [tasks_of(reply) for reply in many] == [[task] for task in ids[101:104]]
    assert frontier(call) == [(ids[100] - MARGIN,)]


def test_seats_that_come_free_far_behind_are_given_to_the_next_who_come() -> None:
    call, ids = make_long_call(n_done=100, n_left=10)
    anna = join(call)
    free_seats(ids[3], ids[7], ids[9])
    assert tasks_of(take(call, wants(anna, 3))[0]) == [ids[3], ids[7], ids[9]]
    take(call, wants(join(call)))
    assert frontier(call) == [(ids[100] - MARGIN,)]

    answers.run(answers.return_tasks(call_id=call.pk, key=anna, tasks=[ids[9]]))
    (returned,) = take(call, wants(join(call)))
    take(call, wants(join(call)))
    take(call, gives(call, anna, (str(uuid4()), ids[7], None)))
    (skipped,) = take(call, wants(join(call)))
    take(call, wants(join(call)))
    with postgres.connect("owner") as owner:
        owner.execute(
            "update tasks_lease set until = now() - interval '1 second' where task_id = %s",
            [ids[3]],
        )
    (ran_out,) = take(call, wants(join(call)))

    assert [tasks_of(reply) for reply in (returned, skipped, ran_out)] == [
        [ids[9]],
        [ids[7]],
        [ids[3]],
    ]


def test_what_one_person_has_answered_already_moves_no_frontier_for_others() -> None:
    call, ids = make_long_call(n_done=0, n_left=100, seats=3)
    anna = join(call)
    for _ in range(2):
        leased = tasks_of(take(call, wants(anna, 40))[0])
        take(call, gives(call, anna, *((str(uuid4()), task, "yes") for task in leased)))
    with postgres.connect("owner") as owner:
        owner.execute("update people_contributor set cursor = 0")

    (more,) = take(call, wants(anna))
    (first,) = take(call, wants(join(call)))

    assert (tasks_of(more), tasks_of(first)) == ([ids[80]], [ids[0]])
    assert frontier(call) == []


def test_a_seat_below_the_frontier_that_nobody_told_of_is_found_at_last() -> None:
    call, ids = make_long_call(n_done=100, n_left=1)
    take(call, wants(join(call)))
    free_seats(ids[4])

    (found,) = take(call, wants(join(call)))

    assert tasks_of(found) == [ids[4]]


def test_a_seat_below_the_frontier_is_found_once_frontiers_are_forgotten() -> None:
    call, ids = make_long_call(n_done=100, n_left=10)
    take(call, wants(join(call)))
    free_seats(ids[4])
    (before,) = take(call, wants(join(call)))

    forget_frontiers()
    (after,) = take(call, wants(join(call)))

    assert (tasks_of(before), tasks_of(after)) == ([ids[101]], [ids[4]])


def test_turns_are_taken_while_a_posting_to_the_ledger_is_under_way() -> None:
    call = make_call(n_tasks=1)
    anna = join(call)

    with postgres.connect("app") as ledger, ledger.transaction():
        ledger.execute("select ledger_take_turn()")
        (reply,) = take(call, wants(anna))

    assert len(reply["tasks"]) == 1
