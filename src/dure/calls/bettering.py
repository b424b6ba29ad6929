"""Promising more in a call: what it adds is also for what people contributed before."""

from __future__ import annotations

from django.db import transaction

from dure.calls.models import Call, State
from dure.calls.promises import find_part
from dure.calls.shares.promising import better_promise, owe_pool
from dure.calls.tasks.jobs import defer_once
from dure.calls.tasks.queries import count_work
from dure.calls.tasks.questions import can_check


def promise_more(*, call: Call, promise: object, by: str) -> Call:
    """Promise more than before; the same again changes nothing."""
    with transaction.atomic():
        bettered = better_promise(
            call=call, promise=promise, by=by, can_check=can_check(call.question)
        )
        if bettered.state == State.CLOSED and count_work([call.pk])[call.pk]["counted"]:
            owe_pool(bettered)
    if find_part(bettered.promise, "per_answer") is not None:
        # No answer may come that would have pay looked at. Not in the transaction: a job that waits
        # already could run before it ends, and not see what is promised.
        defer_once("pay_call", call_id=call.pk)
    return bettered
