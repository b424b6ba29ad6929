"""The fields that say what people get: nothing, or money in one or several ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from dure.calls.promises import (
    AMOUNT_MINOR_MAX,
    MONEY_KINDS,
    POOL_MINOR_MAX,
    REPORT_MONTHS,
    REPORT_MONTHS_USUAL,
    currency_of,
    find_part,
    parts_of,
)
from dure.clock import now
from dure.doors.desk.amounts import read_minor, spell_minor
from dure.doors.desk.forms import Filled, Typed
from dure.doors.wording.saying import spell_base

CURRENCIES = ("KRW", "USD", "EUR", "JPY")
FIELDS = ("amount", "currency", "pool", "percent", "cap", "until", "report_months", "base")
VALUE_KINDS = ("pool", "revenue_share")
# Half to all alike is what a promise becomes by itself where value can be checked.
BASE_USUAL, BASE_OWN = "50", "own"
BASES = (BASE_USUAL, "100", "0")


def show_promise(promise: dict[str, Any]) -> Typed:
    """A promise as it would have been typed."""
    amounts = {kind: find_part(promise, kind) or {} for kind in MONEY_KINDS}
    share = amounts["revenue_share"]
    currency = currency_of(promise) or CURRENCIES[0]

    def spelt(amount_minor: int | None) -> str:
        return "" if amount_minor is None else spell_minor(amount_minor, currency=currency)

    return {
        "promise": [part["kind"] for part in parts_of(promise)],
        "amount": [spelt(amounts["per_answer"].get("amount_minor"))],
        "currency": [currency],
        "pool": [spelt(amounts["pool"].get("amount_minor"))],
        "percent": [str(share.get("percent", ""))],
        "cap": [spelt(share.get("cap_minor"))],
        "until": [share.get("until", "")],
        "report_months": [str(share.get("report_months", REPORT_MONTHS_USUAL))],
        "base": [_base_of(promise)],
    }


def read_promise(form: Filled, *, before: dict[str, Any], can_check: bool) -> dict[str, Any]:
    """What was typed; what the fields can't show stays as it was, if nobody touched them."""
    if _is_untouched(form) and (can_check or not _goes_by_value(before)):
        return before
    parts = [
        _with_base(part, form=form, before=before, can_check=can_check)
        for part in _read_parts(form, form.typed.get("promise", []))
    ]
    return _together(parts)


def read_better(form: Filled, *, before: dict[str, Any], can_check: bool) -> dict[str, Any]:
    """A promise that is out: what it has stays in it, and is divided as it was said."""
    kept = [part["kind"] for part in parts_of(before)]
    parts = []
    for part in _read_parts(form, [*kept, *form.typed.get("promise", [])]):
        earlier = find_part(before, part["kind"])
        if earlier is None:
            parts.append(_with_base(part, form=form, before={}, can_check=can_check))
        elif "base_percent" in earlier:
            parts.append({**part, "base_percent": earlier["base_percent"]})
        else:
            parts.append(part)
    return _together(parts)


def currencies_for(promise: dict[str, Any]) -> list[str]:
    """The common ones, and the one that was promised in."""
    return list(dict.fromkeys([*CURRENCIES, currency_of(promise) or CURRENCIES[0]]))


def fields_for(form: Filled, *, promise: dict[str, Any], can_check: bool) -> dict[str, Any]:
    """What the fields' template needs."""
    chosen = form.typed.get("promise", [])
    base = form.get("base") or BASE_USUAL
    months = form.get("report_months")
    return {
        "kinds": {kind: kind in chosen for kind in MONEY_KINDS},
        **{
            name: {"value": form.get(name), "advice": form.advices.get(name)}
            for name in ("amount", "pool", "percent", "cap", "until")
        },
        "currency": form.get("currency") or CURRENCIES[0],
        "currencies": currencies_for(promise),
        "months": [
            {"value": str(n), "name": _name_months(n), "is_chosen": str(n) == months}
            for n in REPORT_MONTHS
        ],
        "bases": [
            {"value": one, "is_chosen": one == base, "words": _name_base(one)}
            for one in dict.fromkeys([*BASES, _base_of(promise)])
        ],
        "can_check": can_check,
        "today": now().date().isoformat(),
    }


def _is_untouched(form: Filled) -> bool:
    chosen, shown = form.typed.get("promise", []), form.shown["promise"]
    # A radio of an earlier form said "nothing" where no box is ticked now.
    return set(chosen) - {"nothing"} == set(shown) and form.is_untouched(*FIELDS)


def _goes_by_value(promise: dict[str, Any]) -> bool:
    return any((part.get("base_percent") or 100) < 100 or part.get("base_percent") == 0
               for part in parts_of(promise))  # fmt: skip


def _read_parts(form: Filled, kinds: list[str]) -> list[dict[str, Any]]:
    currency = form.get("currency") or CURRENCIES[0]
    return [_READERS[kind](form, currency) for kind in MONEY_KINDS if kind in kinds]


def _together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    if not parts:
        return {"kind": "nothing"}
    return parts[0] if len(parts) == 1 else {"kind": "several", "parts": parts}


def _read_per_answer(form: Filled, currency: str) -> dict[str, Any]:
    amount = _read_amount(
        form, "amount", currency, missing=_("Please say how much one answer earns, for example 50.")
    )
    return {"kind": "per_answer", "amount_minor": amount, "currency": currency}


def _read_pool(form: Filled, currency: str) -> dict[str, Any]:
    amount = _read_amount(
        form, "pool", currency, missing=_("Please say how much is shared in all, for example 500.")
    )
    return {"kind": "pool", "amount_minor": amount, "currency": currency}


def _read_share(form: Filled, currency: str) -> dict[str, Any]:
    percent = form.get("percent").replace("%", "").strip()
    is_percent = percent.isascii() and percent.isdecimal() and 1 <= len(percent) <= 3
    if not is_percent or not 1 <= int(percent) <= 100:
        form.advices["percent"] = _("Please give a whole number from 1 to 100.")
        percent = "1"
    cap = None
    if form.get("cap").strip():
        cap = _read_amount(
            form, "cap", currency, missing=_("Please write an amount, or leave it empty.")
        )
    months = form.get("report_months")
    return {
        "kind": "revenue_share",
        "percent": int(percent),
        "currency": currency,
        "cap_minor": cap,
        "until": _read_until(form),
        "report_months": int(months)
        if months in [str(n) for n in REPORT_MONTHS]
        else REPORT_MONTHS_USUAL,
    }


def _read_amount(form: Filled, name: str, currency: str, *, missing: str) -> int:
    amount = read_minor(form.get(name), currency=currency)
    # A part of a cent is not money; what was meant is asked, not rounded.
    if not amount:
        form.advices[name] = missing
        return 1
    if amount > (AMOUNT_MINOR_MAX if name == "amount" else POOL_MINOR_MAX):
        form.advices[name] = _("That is more than can be promised; please give less.")
    return amount


def _read_until(form: Filled) -> str:
    typed = form.get("until").strip()
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        form.advices["until"] = _("Please choose the last day whose gains are shared.")
        return typed
    if not form.is_untouched("until") and day < now().date():
        form.advices["until"] = _("Please choose a day that is still to come.")
    return day.isoformat()


def _with_base(
    part: dict[str, Any], *, form: Filled, before: dict[str, Any], can_check: bool
) -> dict[str, Any]:
    """Where nothing can be checked, and where half is meant, the call's opening says it."""
    base = form.get("base")
    if part["kind"] not in VALUE_KINDS or not can_check:
        return part
    stored = (find_part(before, part["kind"]) or {}).get("base_percent")
    if base == _base_of(before) and stored is not None:
        return {**part, "base_percent": stored}
    return {**part, "base_percent": int(base)} if base in BASES and base != BASE_USUAL else part


def _base_of(promise: dict[str, Any]) -> str:
    bases = {
        str(part["base_percent"] if part.get("base_percent") is not None else BASE_USUAL)
        for part in parts_of(promise)
        if part["kind"] in VALUE_KINDS
    }
    return min(bases, default=BASE_USUAL) if len(bases) < 2 else BASE_OWN


def _name_base(base: str) -> dict[str, str]:
    known = {
        "50": (_("Half and half"), _("Half to every answer, half to those that prove useful.")),
        "100": (_("The same for every answer"), _("Simple. It doesn't matter who is right.")),
        "0": (
            _("All of it by usefulness"),
            _("Only answers that were checked and proved useful get a share."),
        ),
    }
    name, about = known.get(base, (_("As it is now"), ""))
    if base not in known and base != BASE_OWN:
        about = spell_base({"base_percent": int(base)})
    return {"name": name, "about": about}


def _name_months(n: int) -> str:
    return {1: _("every month"), 3: _("every 3 months"), 6: _("every 6 months"),
            12: _("once a year")}[n]  # fmt: skip


_READERS: dict[str, Callable[[Filled, str], dict[str, Any]]] = {
    "per_answer": _read_per_answer,
    "pool": _read_pool,
    "revenue_share": _read_share,
}
