"""What a call promises those who take part, checked with a clear sentence.

A promise is an object with a kind, or `several` of them together in one currency:

- `nothing`: thanks alone;
- `per_answer`: an amount for each answer that counts;
- `pool`: a fixed sum, shared when the call has closed;
- `revenue_share`: a percentage of the gains that its organiser records, perhaps with a cap.

Of a pool or a share of gains, `base_percent` goes in equal parts to the answers that count; the
rest goes to the value of answers, checked on truth.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from dure.errors import Invalid, any_of
from dure.ledger.money import check_currency

KINDS = ("nothing", "per_answer", "pool", "revenue_share", "several")
MONEY_KINDS = ("per_answer", "pool", "revenue_share")
FIELDS = {
    "nothing": ("kind", "amount_minor", "currency"),
    "per_answer": ("kind", "amount_minor", "currency"),
    "pool": ("kind", "amount_minor", "currency", "base_percent"),
    "revenue_share": (
        "kind", "percent", "currency", "cap_minor", "until", "report_months", "base_percent",
    ),
    "several": ("kind", "parts"),
}  # fmt: skip
# 1,000,000 dollars or 100,000,000 won an answer; with it, 10 billion answers still fit one sum.
AMOUNT_MINOR_MAX = 100_000_000
# A hundred times a million dollars or a hundred billion won: no pool or cap is above it.
POOL_MINOR_MAX = 100_000_000_000
# How often gains are reported, in months.
REPORT_MONTHS = (1, 3, 6, 12)
REPORT_MONTHS_USUAL = 3
UNTIL_YEAR_MAX = 2200


def check_promise(promise: object = None) -> dict[str, Any]:
    """The promise as it is stored; none given is a promise of nothing."""
    if promise is None:
        return {"kind": "nothing"}
    if not isinstance(promise, dict):
        raise Invalid(
            "The promise should be an object with a kind; got {promise!r}.", promise=promise
        )
    kind = promise.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Invalid(
            "A promise's kind is {kinds}; got {kind!r}.",
            kinds=any_of([repr(one) for one in KINDS]),
            kind=kind,
        )
    unknown = sorted(str(name) for name in set(promise) - set(FIELDS[kind]))
    if unknown:
        raise Invalid(
            "The promise has a field {name!r}; known fields are {fields}.",
            name=unknown[0],
            fields=", ".join(FIELDS[kind]),
        )
    return _CHECKS[kind](promise)


def parts_of(promise: dict[str, Any]) -> list[dict[str, Any]]:
    """What is promised in money, part by part; none for a promise of nothing."""
    parts = promise["parts"] if promise.get("kind") == "several" else [promise]
    return [part for part in parts if part.get("kind") in MONEY_KINDS]


def find_part(promise: dict[str, Any], kind: str) -> dict[str, Any] | None:
    return next((part for part in parts_of(promise) if part["kind"] == kind), None)


def currency_of(promise: dict[str, Any]) -> str | None:
    """The one currency of all its parts."""
    parts = parts_of(promise)
    return str(parts[0]["currency"]) if parts else None


def settle_base(promise: dict[str, Any], *, can_check: bool) -> dict[str, Any]:
    """The promise as it opens: half goes by value where it can be checked and nothing was said."""

    def settled(part: dict[str, Any]) -> dict[str, Any]:
        if "base_percent" not in FIELDS[part["kind"]] or part.get("base_percent") is not None:
            return part
        return {**part, "base_percent": 50 if can_check else 100}

    if promise.get("kind") == "several":
        return {**promise, "parts": [settled(part) for part in promise["parts"]]}
    return settled(promise) if promise.get("kind") in MONEY_KINDS else promise


def worse_in(*, before: dict[str, Any], after: dict[str, Any]) -> str | None:
    """What of a promise would be worse for those who rely on it; None if nothing is."""
    if parts_of(before) and currency_of(before) != currency_of(after):
        return "currency"
    for old in parts_of(before):
        new = find_part(after, old["kind"])
        if new is None:
            return str(old["kind"])
        for field, is_worse in _WORSE.items():
            if (field in old or field in new) and is_worse(old.get(field), new.get(field)):
                return field
    return None


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
    if not _is_whole(amount_minor, low=1, high=AMOUNT_MINOR_MAX):
        raise Invalid(
            "promise.amount_minor is what one answer earns in minor units, a whole number from 1 "
            "to {most}; got {given!r}.",
            most=AMOUNT_MINOR_MAX,
            given=amount_minor,
        )
    currency = check_currency(promise.get("currency"))
    return {"kind": "per_answer", "amount_minor": amount_minor, "currency": currency}


def _check_pool(promise: dict[str, Any]) -> dict[str, Any]:
    amount_minor = promise.get("amount_minor")
    if not _is_whole(amount_minor, low=1, high=POOL_MINOR_MAX):
        raise Invalid(
            "promise.amount_minor of a pool is all that is shared, in minor units, a whole number "
            "from 1 to {most}; got {given!r}.",
            most=POOL_MINOR_MAX,
            given=amount_minor,
        )
    currency = check_currency(promise.get("currency"))
    return {
        "kind": "pool", "amount_minor": amount_minor, "currency": currency, **_check_base(promise)
    }  # fmt: skip


def _check_revenue_share(promise: dict[str, Any]) -> dict[str, Any]:
    percent = promise.get("percent")
    if not _is_whole(percent, low=1, high=100):
        raise Invalid(
            "promise.percent is the part of the gains that is shared, a whole number from 1 to "
            "100; got {given!r}.",
            given=percent,
        )
    cap_minor = promise.get("cap_minor")
    if cap_minor is not None and not _is_whole(cap_minor, low=1, high=POOL_MINOR_MAX):
        raise Invalid(
            "promise.cap_minor is the most that is shared in all, in minor units, a whole number "
            "from 1 to {most}, or null for no cap; got {given!r}.",
            most=POOL_MINOR_MAX,
            given=cap_minor,
        )
    months = promise.get("report_months", REPORT_MONTHS_USUAL)
    if type(months) is not int or months not in REPORT_MONTHS:
        raise Invalid(
            "promise.report_months is how often gains are reported, in months: {months}; got "
            "{given!r}.",
            months=any_of([str(one) for one in REPORT_MONTHS]),
            given=months,
        )
    return {
        "kind": "revenue_share",
        "percent": percent,
        "currency": check_currency(promise.get("currency")),
        "cap_minor": cap_minor,
        "until": _check_until(promise.get("until")),
        "report_months": months,
        **_check_base(promise),
    }


def _check_several(promise: dict[str, Any]) -> dict[str, Any]:
    parts = promise.get("parts")
    if not isinstance(parts, list) or not 2 <= len(parts) <= len(MONEY_KINDS):
        raise Invalid("promise.parts is a list of 2 or 3 promises of money; got {parts!r:.80}.",
                      parts=parts)  # fmt: skip
    checked = []
    for part in parts:
        if not isinstance(part, dict) or part.get("kind") not in MONEY_KINDS:
            raise Invalid(
                "Each part of a promise is {kinds}; got {part!r:.80}.",
                kinds=any_of([repr(one) for one in MONEY_KINDS]),
                part=part.get("kind") if isinstance(part, dict) else part,
            )
        checked.append(check_promise(part))
    kinds = [part["kind"] for part in checked]
    if len(set(kinds)) < len(kinds):
        raise Invalid("The parts of a promise are of different kinds; give each kind once.")
    if len({part["currency"] for part in checked}) > 1:
        raise Invalid("The parts of a promise are in one currency; choose one for all of them.")
    return {"kind": "several", "parts": checked}


def _check_base(promise: dict[str, Any]) -> dict[str, Any]:
    base = promise.get("base_percent")
    if base is None:
        return {}
    if not _is_whole(base, low=0, high=100):
        raise Invalid(
            "promise.base_percent is the part that every answer that counts gets alike, a whole "
            "number from 0 to 100; got {given!r}.",
            given=base,
        )
    return {"base_percent": base}


def _check_until(until: object) -> str:
    try:
        day = date.fromisoformat(until) if isinstance(until, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != until or day.year > UNTIL_YEAR_MAX:
        raise Invalid(
            "promise.until is the last day whose gains are shared, as in 2027-12-31; got "
            "{given!r:.40}.",
            given=until,
        )
    return day.isoformat()


def _is_whole(number: object, *, low: int, high: int) -> bool:
    return type(number) is int and low <= number <= high


def _is_smaller_cap(before: int | None, after: int | None) -> bool:
    return after is not None and (before is None or after < before)


_CHECKS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "nothing": _check_nothing,
    "per_answer": _check_per_answer,
    "pool": _check_pool,
    "revenue_share": _check_revenue_share,
    "several": _check_several,
}
# Another base than was said is worse for somebody, whichever way it moves.
_WORSE: dict[str, Callable[[Any, Any], bool]] = {
    "amount_minor": lambda before, after: after < before,
    "percent": lambda before, after: after < before,
    "cap_minor": _is_smaller_cap,
    "until": lambda before, after: after < before,
    "report_months": lambda before, after: after > before,
    "base_percent": lambda before, after: after != before,
}
