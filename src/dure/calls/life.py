"""A call's life: draft, open, paused, closed. A step that was taken is not taken twice."""

from __future__ import annotations

from django.db import transaction

from dure import outbox
from dure.calls.models import Call, CallChange, State
from dure.calls.queries import hold_answers, hold_call
from dure.calls.shares.promising import fix_promise, owe_pool
from dure.calls.tasks.models import Task
from dure.calls.tasks.queries import count_work
from dure.calls.tasks.questions import can_check
from dure.clock import now
from dure.errors import WrongState, any_of
from dure.people import audit

Step = CallChange.Step


class NothingToOpen(WrongState):
    """This call has no tasks yet; add at least one, then open it."""

    code = "no-tasks"


def open_call(*, call: Call, by: str) -> Call:
    """Let contributors answer, for the first time or again after a pause."""
    return _move(call, step=Step.OPEN, into=State.OPEN, out_of=(State.DRAFT, State.PAUSED), by=by)


def pause_call(*, call: Call, by: str) -> Call:
    """Take no answers for a while; those under way are kept as late."""
    return _move(call, step=Step.PAUSE, into=State.PAUSED, out_of=(State.OPEN,), by=by)


def close_call(*, call: Call, by: str) -> Call:
    """Take no answers any more; a closed call stays closed."""
    return _move(call, step=Step.CLOSE, into=State.CLOSED, out_of=(State.OPEN, State.PAUSED), by=by)


def reveal_call(*, call: Call, by: str) -> Call:
    """Let contributors see what the others gave, before the call closes; it can't be taken back."""
    with transaction.atomic():
        held = hold_call(call.pk)
        hold_answers(call.pk)
        if held.state == State.DRAFT:
            raise WrongState("A draft has no contributions to reveal; open it first.")
        if not CallChange.objects.filter(call=held, step=Step.REVEAL).exists():
            write_step(held, step=Step.REVEAL, by=by)
        return held


def _move(call: Call, *, step: Step, into: State, out_of: tuple[State, ...], by: str) -> Call:
    with transaction.atomic():
        held = hold_call(call.pk)
        hold_answers(call.pk)
        if held.state == into:
            return held
        if held.state not in out_of:
            raise WrongState(
                "This call is {state}; only a call that is {allowed} can be {done}.",
                state=held.get_state_display(),
                allowed=any_of([str(state.label) for state in out_of]),
                done=step.label,
            )
        if held.state == State.DRAFT:
            _begin(held, by=by)
        held.state = into
        held.save(update_fields=["state"])
        write_step(held, step=step, by=by)
        if held.state == State.CLOSED and count_work([held.pk])[held.pk]["counted"]:
            owe_pool(held)
        return held


def _begin(call: Call, *, by: str) -> None:
    """From here on people rely on what is promised."""
    if not Task.objects.filter(call=call).exists():
        raise NothingToOpen
    fix_promise(call=call, by=by, can_check=can_check(call.question))


def write_step(call: Call, *, step: Step, by: str) -> None:
    """Told in the transaction that takes the step."""
    CallChange.objects.create(call=call, step=step, at=now(), by=by)
    audit.record(
        organisation=call.organisation, by=by, action=f"{step.value} call", thing=f"call:{call.pk}"
    )
    outbox.write(topic=f"call.{step.value}", key=str(call.pk), slug=call.slug)
