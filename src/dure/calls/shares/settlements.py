"""A settlement's life: proposed as it stands, then approved or withdrawn; one may be taken back."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from dure import outbox
from dure.calls.models import Call
from dure.calls.queries import hold_call
from dure.calls.shares.basis import basis_now
from dure.calls.shares.jobs import post_settlement_later
from dure.calls.shares.limits import limit_of
from dure.calls.shares.models import Settlement
from dure.calls.shares.posting import post_at_once
from dure.clock import now
from dure.errors import Invalid, Unknown, WrongState
from dure.ledger.money import Money
from dure.people import audit

if TYPE_CHECKING:
    from dure.calls.shares.planning import Plan

NOTE_LETTERS_MAX = 500
# How the key of the API is named in `by`.
PROGRAM = "token:"
ROWS_AT_ONCE = 10_000


class Step(StrEnum):
    PROPOSE = "propose"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take back"


class NoSuchSettlement(Unknown):
    """There is no such settlement of this call; look at the list again."""

    code = "unknown-settlement"


class NothingToShare(WrongState):
    """There is nothing to share out now; what is left waits until more is gained or checked."""

    code = "nothing-to-share"


class NeedsSecond(WrongState):
    """So much needs the yes of a second member; ask another owner or treasurer to approve it."""

    code = "needs-second"


class ByNobody(WrongState):
    """So much is proposed by a member, not by a program; propose it again at the desk."""

    code = "by-nobody"


class Stale(WrongState):
    """Something has changed since this was worked out; propose it again."""

    code = "stale-settlement"


class NotPosted(WrongState):
    """Only a settlement that is wholly in the ledger can be taken back."""

    code = "not-posted"


def settlements_of(call: Call) -> QuerySet[Settlement]:
    """The newest first."""
    return Settlement.objects.filter(call=call).order_by("-number")


def approved_settlements(call: Call | None = None) -> QuerySet[Settlement]:
    """Of one call or of all, the first one first."""
    found = Settlement.objects.filter(approved_at__isnull=False).select_related("call")
    return (found if call is None else found.filter(call=call)).order_by("pk")


def find_settlement(*, call: Call, number: int) -> Settlement:
    found = Settlement.objects.filter(call=call, number=number).select_related("call").first()
    if found is None:
        raise NoSuchSettlement
    return found


def next_number(call: Call) -> int:
    last: int | None = Settlement.objects.filter(call=call).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def store_proposal(*, call: Call, plan: Plan, note: str, by: str) -> Settlement:
    """Put down who would get what; the call is held, and an earlier proposal gives way."""
    check_note(note)
    if plan.base_minor + plan.value_minor == 0:
        raise NothingToShare
    _withdraw_open(call, by=by)
    made = Settlement.objects.create(
        call=call,
        number=plan.number,
        is_last=plan.is_last,
        currency=plan.currency,
        pot_minor=plan.basis.pot_minor,
        before_minor=plan.before_minor,
        base_minor=plan.base_minor,
        value_minor=plan.value_minor,
        people=len(plan.work.contributors),
        seen_up_to=plan.mark.seen_up_to,
        as_of=plan.mark.as_of,
        method=plan.method,
        basis=plan.basis.as_facts(),
        digest=plan.digest(),
        note=note,
        proposed_at=now(),
        proposed_by=by,
    )
    _put_shares(made, plan)
    _record(made, by=by, step=Step.PROPOSE)
    return made


def approve_settlement(*, settlement: Settlement, by: str) -> Settlement:
    """From here on it is owed to everyone in it; above the limit a second member says so."""
    with transaction.atomic():
        call = hold_call(settlement.call_id)
        held = find_settlement(call=call, number=settlement.number)
        if held.approved_at is not None:
            return held
        if held.withdrawn_at is not None:
            raise Stale
        _check_second(held, call=call, by=by)
        if held.kind == Settlement.Kind.SHARE and basis_now(call).as_facts() != held.basis:
            raise Stale
        held.approved_at, held.approved_by = now(), by
        held.save(update_fields=["approved_at", "approved_by"])
        _record(held, by=by, step=Step.APPROVE)
        outbox.write(topic="call.settle", key=str(call.pk), slug=call.slug, number=held.number)
        if held.kind == Settlement.Kind.TAKE_BACK:
            # All or nothing: what somebody was paid out meanwhile can't be taken back.
            post_at_once(held)
        else:
            post_settlement_later(settlement_id=held.pk)
        return held


def _check_second(settlement: Settlement, *, call: Call, by: str) -> None:
    """Above the limit two members say yes; a program's key may be in the hands of either.

    What one member decided alone adds up until a second one has looked, so that no sum is cut into
    small ones.
    """
    if _alone_minor(settlement) <= limit_of(call.organisation, settlement.currency).amount_minor:
        return
    if by == settlement.proposed_by or by.startswith(PROGRAM):
        raise NeedsSecond
    if settlement.proposed_by.startswith(PROGRAM):
        raise ByNobody


def _alone_minor(settlement: Settlement) -> int:
    """The settlement, and those before it that one member alone decided, since another's yes."""
    total = abs(settlement.base_minor + settlement.value_minor)
    before = approved_settlements(settlement.call).filter(number__lt=settlement.number)
    for one in before.order_by("-number").iterator():
        if one.approved_by != one.proposed_by:
            break
        total += abs(one.base_minor + one.value_minor)
    return total


def withdraw_settlement(*, settlement: Settlement, by: str) -> Settlement:
    with transaction.atomic():
        call = hold_call(settlement.call_id)
        held = find_settlement(call=call, number=settlement.number)
        if held.withdrawn_at is not None:
            return held
        if held.approved_at is not None:
            raise WrongState("This settlement was approved; take it back with a new one.")
        _withdraw_open(call, by=by)
        return find_settlement(call=call, number=settlement.number)


def propose_taking_back(*, settlement: Settlement, note: str, by: str) -> Settlement:
    """The opposite of a settlement, as a proposal: a new one, for nothing is ever rewritten."""
    check_note(note)
    if not note.strip():
        raise Invalid("Taking a settlement back needs a reason; write a note.")
    with transaction.atomic():
        call = hold_call(settlement.call_id)
        earlier = find_settlement(call=call, number=settlement.number)
        if earlier.posted_at is None or earlier.kind == Settlement.Kind.TAKE_BACK:
            raise NotPosted
        standing = Settlement.objects.filter(corrects=earlier, withdrawn_at=None).first()
        if standing is not None:
            return standing
        _withdraw_open(call, by=by)
        made = Settlement.objects.create(
            call=call,
            number=next_number(call),
            kind=Settlement.Kind.TAKE_BACK,
            corrects=earlier,
            currency=earlier.currency,
            pot_minor=earlier.pot_minor,
            before_minor=earlier.before_minor + earlier.base_minor + earlier.value_minor,
            base_minor=-earlier.base_minor,
            value_minor=-earlier.value_minor,
            people=earlier.people,
            seen_up_to=earlier.seen_up_to,
            as_of=earlier.as_of,
            method=earlier.method,
            basis=earlier.basis,
            digest=taking_back_digest(earlier),
            note=note,
            proposed_at=now(),
            proposed_by=by,
        )
        with connection.cursor() as cursor:
            cursor.execute("select shares_put_back(%s, %s)", [earlier.pk, made.pk])
        _record(made, by=by, step=Step.TAKE_BACK)
        return made


def taking_back_digest(earlier: Settlement) -> bytes:
    return hashlib.sha256(b"take back " + bytes(earlier.digest)).digest()


def check_note(note: str) -> None:
    if len(note) > NOTE_LETTERS_MAX:
        raise Invalid("A note has at most {most} letters; got {n}.",
                      most=NOTE_LETTERS_MAX, n=len(note))  # fmt: skip
    if "\0" in note:
        raise Invalid("What was sent has a sign that can't be stored (NUL); leave it out.")


def _put_shares(settlement: Settlement, plan: Plan) -> None:
    with connection.cursor() as cursor:
        for start in range(0, len(plan.work.contributors), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            cursor.execute(
                "select shares_put(%s, %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],"
                " %s::bigint[], %s::bigint[], %s::bigint[])",
                [settlement.pk, *(column[rows].tolist() for column in plan.columns)],
            )


def _withdraw_open(call: Call, *, by: str) -> None:
    for proposed in Settlement.objects.filter(call=call, approved_at=None, withdrawn_at=None):
        proposed.withdrawn_at, proposed.withdrawn_by = now(), by
        proposed.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _record(proposed, by=by, step=Step.WITHDRAW)


def _record(settlement: Settlement, *, by: str, step: Step) -> None:
    audit.record(
        organisation=settlement.call.organisation,
        by=by,
        action=f"{step.value} settlement",
        thing=f"call:{settlement.call_id}",
        number=settlement.number,
        money=Money(settlement.base_minor + settlement.value_minor, settlement.currency).as_facts(),
        note=settlement.note or None,
    )
