from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from dure import postgres
from dure.calls import life
from dure.calls.models import Call, CallChange
from dure.errors import WrongState
from dure.outbox.models import Event
from dure.people.models import AuditEntry
from tests.factories import make_call

STEPS = {
    "open": life.open_call,
    "pause": life.pause_call,
    "close": life.close_call,
    "reveal": life.reveal_call,
}
# From each state, the state after each step; None: refused.
LIFE = {
    "draft": {"open": "open", "pause": None, "close": None, "reveal": None},
    "open": {"open": "open", "pause": "paused", "close": "closed", "reveal": "open"},
    "paused": {"open": "open", "pause": "paused", "close": "closed", "reveal": "paused"},
    "closed": {"open": None, "pause": None, "close": "closed", "reveal": "closed"},
}


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [(before, step, after) for before, row in LIFE.items() for step, after in row.items()],
)
def test_a_call_takes_the_steps_that_its_state_allows(
    db: None, before: str, step: str, after: str | None
) -> None:
    call = make_call(state=before)

    if after is None:
        with pytest.raises(WrongState):
            STEPS[step](call=call, by="token:1")
    else:
        assert STEPS[step](call=call, by="token:1").state == after

    assert Call.objects.get().state == (after or before)
    is_taken = after is not None and (step == "reveal" or after != before)
    assert CallChange.objects.count() == AuditEntry.objects.count() == is_taken
    assert Event.objects.filter(topic=f"call.{step}", key=str(call.pk)).count() == is_taken


def test_a_step_taken_again_changes_nothing(db: None) -> None:
    call = make_call(state="open")

    for _ in range(2):
        life.reveal_call(call=call, by="token:1")
    for _ in range(2):
        life.close_call(call=call, by="token:1")

    assert list(CallChange.objects.order_by("id").values_list("step", flat=True)) == [
        "reveal",
        "close",
    ]


def test_a_call_without_tasks_is_not_opened(db: None) -> None:
    with pytest.raises(life.NothingToOpen) as refused:
        life.open_call(call=make_call(state="draft", n_tasks=0), by="token:1")

    assert refused.value.sentence == ("This call has no tasks yet; add at least one, then open it.")


def test_a_refused_step_names_the_states_it_needs(db: None) -> None:
    with pytest.raises(WrongState) as refused:
        life.open_call(call=make_call(state="closed"), by="token:1")

    assert refused.value.sentence == (
        "This call is closed; only a call that is draft or paused can be opened."
    )


def test_two_clicks_at_once_are_one_step(live_db: str) -> None:
    call = make_call(state="open")

    def close(_: int) -> str:
        try:
            return life.close_call(call=call, by="token:1").state
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(close, range(8)))

    assert states == ["closed"] * 8
    assert CallChange.objects.count() == 1


def test_a_change_of_state_waits_for_answers_under_way(live_db: str) -> None:
    call = make_call(state="open")

    def close(_: int) -> str:
        try:
            return life.close_call(call=call, by="token:1").state
        finally:
            connection.close()

    with postgres.connect("owner") as answering, ThreadPoolExecutor(1) as pool:
        with answering.transaction():
            answering.execute("select collect.hold_call(%s)", [call.pk])
            closing = pool.submit(close, 0)
            _wait_for_a_waiting_lock()
            assert not closing.done()
        assert closing.result(timeout=60) == "closed"


def _wait_for_a_waiting_lock() -> None:
    with postgres.connect("owner") as watching:
        for _ in range(12_000):
            row = watching.execute(
                "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            ).fetchone()
            if row is not None and row[0]:
                return
            watching.execute("select pg_sleep(0.005)")
    raise AssertionError("nothing waits")
