"""Settling a call: what its contributors did becomes who gets what, by one rule for every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from dure.calls.models import Call, Kind
from dure.calls.queries import hold_call
from dure.calls.shares.basis import basis_now, basis_of, may_be_last
from dure.calls.shares.models import Settlement, SettlementShare
from dure.calls.shares.planning import Plan, work_out
from dure.calls.shares.posting import REASON_CODES
from dure.calls.shares.settlements import (
    approved_settlements,
    check_note,
    next_number,
    store_proposal,
    taking_back_digest,
)
from dure.calls.shares.work import Mark, Work
from dure.calls.tasks.verdicts import mark_seen
from dure.calls.tasks.worth import weigh_answers
from dure.errors import WrongState
from dure.ledger.models import Purpose

Weigher = Callable[..., Work]

# Shares by lineage and by pledge come in by the same door: a kind of call is weighed by its own.
WEIGHERS: dict[str, tuple[str, Weigher]] = {
    Kind.TASKS: ("answers by log score, 1", weigh_answers),
}


class NotLast(WrongState):
    """More may come of this call, so nothing can be shared for the last time yet."""

    code = "not-last"


@dataclass(frozen=True, slots=True)
class Verified:
    """What making a settlement again found; a fault is a sentence, none is empty."""

    settlement: Settlement
    fault: str = ""


def propose_settlement(*, call: Call, by: str, note: str = "", is_last: bool = False) -> Settlement:
    """Work out who would get what by now, and put it down for approval.

    What an earlier proposal said is withdrawn, unless this one says the same.
    """
    check_note(note)
    method, weigh = WEIGHERS[call.kind]
    seen = mark_seen(call.pk)
    mark = Mark(seen.up_to, seen.as_of)
    work = weigh(call=call, mark=mark)
    with transaction.atomic():
        held = hold_call(call.pk)
        if is_last and not may_be_last(held):
            raise NotLast
        plan = work_out(
            call=held,
            number=next_number(held),
            is_last=is_last,
            basis=basis_now(held),
            mark=mark,
            method=method,
            work=work,
        )
        return _standing(held, plan, note=note, by=by) or store_proposal(
            call=held, plan=plan, note=note, by=by
        )


def make_again(settlement: Settlement) -> Plan:
    """The same settlement from the stored contributions alone; its digest should be the same."""
    method, weigh = WEIGHERS[settlement.call.kind]
    mark = Mark(settlement.seen_up_to, settlement.as_of)
    return work_out(
        call=settlement.call,
        number=settlement.number,
        is_last=settlement.is_last,
        basis=basis_of(settlement),
        mark=mark,
        method=method,
        work=weigh(call=settlement.call, mark=mark),
    )


def verify_settlements(call: Call | None = None) -> Iterator[Verified]:
    """Make every approved settlement again, of one call or of all, and look it up in the ledger."""
    for settlement in approved_settlements(call).iterator():
        yield Verified(settlement, _find_fault(settlement))


def _standing(call: Call, plan: Plan, *, note: str, by: str) -> Settlement | None:
    """The proposal that waits, where this one says the same: a click that came twice."""
    waiting = Settlement.objects.filter(call=call, approved_at=None, withdrawn_at=None).first()
    if waiting is None or waiting.kind != Settlement.Kind.SHARE:
        return None
    is_same = (
        (waiting.is_last, waiting.note, waiting.proposed_by) == (plan.is_last, note, by)
        and waiting.basis == plan.basis.as_facts()
        and _rows_of(waiting) == _rows_of(plan)
    )
    return waiting if is_same else None


def _rows_of(whose: Settlement | Plan) -> list[tuple[int, ...]]:
    """Who gets what, row by row: as it was worked out, or as it is stored."""
    if isinstance(whose, Settlement):
        return list(
            SettlementShare.objects.filter(settlement=whose)
            .order_by("contributor_id")
            .values_list(
                "contributor_id", "counted", "checked", "mean_nano", "error_nano",
                "base_minor", "value_minor",
            )
        )  # fmt: skip
    return list(zip(*(column.tolist() for column in whose.columns), strict=True))


def _find_fault(settlement: Settlement) -> str:
    if settlement.kind == Settlement.Kind.TAKE_BACK:
        earlier = settlement.corrects
        assert earlier is not None, "a settlement takes nothing back"
        if taking_back_digest(earlier) != bytes(settlement.digest):
            return "It is not the opposite of the settlement that it takes back."
    else:
        plan = make_again(settlement)
        if plan.digest() != bytes(settlement.digest):
            return "Made again from the stored contributions it comes out otherwise."
        if _rows_of(settlement) != _rows_of(plan):
            return "Its stored shares are not those that it was approved with."
    if settlement.posted_at is not None and not _is_in_ledger(settlement):
        return "What stands in the ledger is not what it shares."
    return ""


def _is_in_ledger(settlement: Settlement) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select shares_differ_from_ledger(%s, %s, %s)",
            [settlement.pk, REASON_CODES[Settlement.Kind(settlement.kind)], Purpose.OWED_TO],
        )
        differs: bool = cursor.fetchone()[0]
    return not differs
