"""What a call earned its organiser: recorded, corrected, and owed in part to the crowd."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum

from dure.calls.models import Call, State
from dure.calls.promises import currency_of, find_part
from dure.calls.queries import hold_call
from dure.calls.shares.models import Gain
from dure.calls.shares.moving import earn_legs, pot_owner
from dure.calls.shares.requests import check_request_key, record_once
from dure.clock import now
from dure.errors import Invalid, Unknown, WrongState
from dure.ledger.journal import Leg, post
from dure.ledger.models import Purpose
from dure.ledger.money import Money, check_currency
from dure.people import audit

NOTE_LETTERS_MAX = 1000
EVIDENCE_LETTERS_MAX = 500
AMOUNT_MINOR_MAX = 1_000_000_000_000_000
# All together fit one column of the ledger.
GAINS_MAX = 4_000
YEAR_MIN = 2000


class NoSuchGain(Unknown):
    """There is no such gain of this call; look at the list again."""

    code = "unknown-gain"


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it."""

    first: date
    last: date


def record_gain(
    *,
    call: Call,
    money: Money,
    period: Period,
    note: str,
    by: str,
    request_key: str,
    evidence: str = "",
) -> Gain:
    """What a call earned its organiser in a period, which may be nothing.

    The part that was promised is owed to the crowd from now on. The same request sent again is the
    same gain.
    """
    if not 0 <= money.amount_minor <= AMOUNT_MINOR_MAX:
        raise Invalid(
            "A gain is 0 to {most} minor units; got {given}.",
            most=AMOUNT_MINOR_MAX,
            given=money.amount_minor,
        )
    _check_period(period)
    check_currency(money.currency)
    with transaction.atomic():
        held = hold_call(call.pk)
        if held.state == State.DRAFT:
            raise WrongState("A draft has earned nothing yet; open the call first.")
        _check_fit(held, money, period)
        return _write(
            held, money, period, corrects=None, note=note, evidence=evidence, by=by,
            request_key=request_key,
        )  # fmt: skip


def correct_gain(
    *, call: Call, gain_id: int, amount_minor: int, note: str, by: str, request_key: str
) -> Gain:
    """Say what a gain really was: the difference is recorded as a gain that corrects it."""
    if type(amount_minor) is not int or not 0 <= amount_minor <= AMOUNT_MINOR_MAX:
        raise Invalid(
            "A gain is 0 to {most} minor units; got {given!r}.",
            most=AMOUNT_MINOR_MAX,
            given=amount_minor,
        )
    if not note.strip():
        raise Invalid("A correction says why; write a note.")
    with transaction.atomic():
        held = hold_call(call.pk)
        earlier = Gain.objects.filter(call=held, pk=gain_id, corrects=None).first()
        if earlier is None:
            raise NoSuchGain
        again = Gain.objects.filter(call=held, request_key=request_key).first()
        standing = _standing(earlier, before=again)
        return _write(
            held,
            Money(amount_minor - standing, earlier.currency),
            Period(earlier.period_from, earlier.period_to),
            corrects=earlier,
            note=note,
            evidence="",
            by=by,
            request_key=request_key,
        )


def gains_of(call: Call) -> QuerySet[Gain]:
    return Gain.objects.filter(call=call).order_by("pk")


def gained_minor(call: Call) -> int:
    """All gains of a call with their corrections, in its promise's currency."""
    found = gains_of(call).filter(currency=currency_of(call.promise))
    return found.aggregate(total=Sum("amount_minor"))["total"] or 0


def gains_pot_minor(promise: dict[str, Any], *, gains: QuerySet[Gain]) -> int:
    """What of gains is the crowd's: the percentage, rounded down, and at most the cap."""
    part = find_part(promise, "revenue_share")
    if part is None:
        return 0
    shared = gains.filter(currency=part["currency"], period_to__lte=part["until"])
    total = shared.aggregate(total=Sum("amount_minor"))["total"] or 0
    pot: int = total * part["percent"] // 100
    return max(0, pot if part["cap_minor"] is None else min(pot, part["cap_minor"]))


def _check_period(period: Period) -> None:
    if not YEAR_MIN <= period.first.year <= period.last.year <= now().year + 1:
        raise Invalid(
            "A gain's period is from a day to a later one, since {year}; got {first} to {last}.",
            year=YEAR_MIN,
            first=period.first.isoformat(),
            last=period.last.isoformat(),
        )
    if period.first > period.last or period.last > now().date():
        raise Invalid(
            "A gain's period begins before it ends, and has ended; got {first} to {last}.",
            first=period.first.isoformat(),
            last=period.last.isoformat(),
        )


def _check_fit(call: Call, money: Money, period: Period) -> None:
    part = find_part(call.promise, "revenue_share")
    if part is None:
        return
    if money.currency != part["currency"]:
        raise Invalid(
            "Gains of this call are shared in {wanted}; got {given}.",
            wanted=part["currency"],
            given=money.currency,
        )
    until = date.fromisoformat(part["until"])
    if period.first <= until < period.last:
        raise Invalid(
            "Gains are shared until {until}; record what came up to then and later apart.",
            until=until.isoformat(),
        )


def _write(
    call: Call, money: Money, period: Period, *, corrects: Gain | None, note: str, evidence: str,
    by: str, request_key: str,
) -> Gain:  # fmt: skip
    _check_words(note=note, evidence=evidence, request_key=request_key)
    wanted = {
        "amount_minor": money.amount_minor,
        "currency": money.currency,
        "period_from": period.first,
        "period_to": period.last,
        "note": note,
        "evidence": evidence,
        "corrects": corrects,
    }
    before = gains_pot_minor(call.promise, gains=gains_of(call))
    made, is_new = record_once(Gain, call=call, request_key=request_key, wanted=wanted, by=by)
    if not is_new:
        return made
    if gains_of(call).count() > GAINS_MAX:
        raise WrongState("{most} gains of one call are the most.", most=GAINS_MAX)
    owed = gains_pot_minor(call.promise, gains=gains_of(call)) - before
    if owed:
        fill_pot(call, Money(owed, money.currency), key=f"gain:{made.pk}", reason="gain-recorded")
    audit.record(
        organisation=call.organisation,
        by=by,
        action="correct gain" if corrects else "record gain",
        thing=f"call:{call.pk}",
        money=money.as_facts(),
        note=note or None,
    )
    return made


def fill_pot(call: Call, money: Money, *, key: str, reason: str) -> None:
    """So much more (or less) is owed to the call's crowd as a whole."""
    post(
        key=key,
        reason=reason,
        entries=[
            Leg(pot_owner(call.pk), Purpose.OWED_TO, money),
            *earn_legs(call_id=call.pk, earned=money),
        ],
        facts={"call": call.pk},
    )


def _check_words(*, note: str, evidence: str, request_key: str) -> None:
    if len(note) > NOTE_LETTERS_MAX or len(evidence) > EVIDENCE_LETTERS_MAX:
        raise Invalid(
            "A note has at most {most} letters, and evidence at most {evidence}.",
            most=NOTE_LETTERS_MAX,
            evidence=EVIDENCE_LETTERS_MAX,
        )
    if "\0" in note + evidence:
        raise Invalid("What was sent has a sign that can't be stored (NUL); leave it out.")
    check_request_key(request_key)


def _standing(gain: Gain, *, before: Gain | None) -> int:
    """What the gain is by now, or was before one of its corrections."""
    corrections = gain.corrections.filter(pk__lt=before.pk) if before else gain.corrections.all()
    more = corrections.aggregate(total=Sum("amount_minor"))["total"] or 0
    return gain.amount_minor + int(more)
