"""What a call promises those who take part, checked with a clear sentence."""

from __future__ import annotations

from typing import Any

from dure.errors import Invalid
from dure.ledger.money import check_currency

KINDS = ("nothing", "per_answer")
LATER_KINDS = ("pool", "revenue_share")
FIELDS = ("kind", "amount_minor", "currency")
# 1,000,000 dollars or 100,000,000 won an answer; with it, 10 billion answers still fit one sum.
AMOUNT_MINOR_MAX = 100_000_000


def check_promise(promise: object = None) -> dict[str, Any]:
    """The promise as it is stored; none given is a promise of nothing."""
    if promise is None:
        return {"kind": "nothing"}
    if not isinstance(promise, dict):
        raise Invalid(
            "The promise should be an object with a kind; got {promise!r}.", promise=promise
        )
    unknown = sorted(str(name) for name in set(promise) - set(FIELDS))
    if unknown:
        raise Invalid(
            "The promise has a field {name!r}; known fields are {fields}.",
            name=unknown[0],
            fields=", ".join(FIELDS),
        )
    kind = promise.get("kind")
    if kind in LATER_KINDS:
        raise Invalid(
            "Promises of kind {kind!r} are not available yet; use 'nothing' or 'per_answer'.",
            kind=kind,
        )
    if kind == "nothing":
        return _check_nothing(promise)
    if kind == "per_answer":
        return _check_per_answer(promise)
    raise Invalid("A promise's kind is 'nothing' or 'per_answer'; got {kind!r}.", kind=kind)


def _check_nothing(promise: dict[str, Any]) -> dict[str, Any]:
    given = [name for name in ("amount_minor", "currency") if promise.get(name) is not None]
    if given:
        raise Invalid(
            "A promise of nothing takes no {name}; leave it out, or promise 'per_answer'.",
            name=given[0],
        )
    return {"kind": "nothing"}


def _check_per_answer(promise: dict[str, Any]) -> dict[str, Any]:
    amount_minor = promise.get("amount_minor")
    if type(amount_minor) is not int or not 1 <= amount_minor <= AMOUNT_MINOR_MAX:
        raise Invalid(
            "promise.amount_minor is what one answer earns in minor units, a whole number from 1 "
            "to {most}; got {given!r}.",
            most=AMOUNT_MINOR_MAX,
            given=amount_minor,
        )
    currency = check_currency(promise.get("currency"))
    return {"kind": "per_answer", "amount_minor": amount_minor, "currency": currency}
