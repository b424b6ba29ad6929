"""Money that moves by hand: paid in for a call, taken back unused, gained, corrected, promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from dure.calls.bettering import promise_more
from dure.calls.models import Call
from dure.calls.promises import currency_of, find_part, parts_of
from dure.calls.shares.gains import NoSuchGain, Period, correct_gain, record_gain
from dure.calls.shares.listing import find_gain
from dure.calls.shares.paying_in import StillPromised, free_minor, pay_back, pay_in
from dure.calls.shares.promising import WorsePromise
from dure.calls.tasks.questions import can_check
from dure.clock import now
from dure.doors.desk.amounts import read_minor, spell_minor
from dure.doors.desk.board import head_of
from dure.doors.desk.forms import Filled, read_typed
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.promised import (
    CURRENCIES,
    currencies_for,
    fields_for,
    read_better,
    show_promise,
)
from dure.doors.desk.reading import read_once
from dure.doors.wording.refusals import spell_refusal
from dure.doors.wording.saying import spell_money, spell_promise
from dure.errors import Refusal
from dure.ledger.money import IN_USE, Money
from dure.people.roles import Right

Deed = Callable[[], object]


@at_desk(to_see=Right.MONEY)
def paying_in(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    call = desk.call(call_id)
    form = _typed(request, {"currency": [_currency(call)], "amount": [""], "note": [""]})
    if request.method == "POST":
        money = _read_money(form, least=1)
        if _is_done(form, lambda: pay_in(
            call=call, money=money, note=form.get("note"), by=desk.by,
            request_key=read_once(request),
        )):  # fmt: skip
            return _back(request, desk, call, _("Written down. Thank you."))
    return _show(request, "desk/pay_in.html", desk, call, form, of=_currency_fields(form, call))


@at_desk(to_see=Right.MONEY)
def paying_back(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    call = desk.call(call_id)
    currency = _currency(call)
    free = free_minor(call, currency=currency)
    form = _typed(request, {
        "currency": [currency], "note": [""],
        "amount": [spell_minor(free, currency=currency) if free > 0 else ""],
    })  # fmt: skip
    if request.method == "POST":
        money = _read_money(form, least=1)
        if _is_done(form, lambda: pay_back(
            call=call, money=money, note=form.get("note"), by=desk.by,
            request_key=read_once(request),
        )):  # fmt: skip
            return _back(request, desk, call, _("Written down: this money went back to you."))
    of = {**_currency_fields(form, call), "free": Money(free, currency) if free > 0 else None}
    return _show(request, "desk/pay_back.html", desk, call, form, of=of)


@at_desk(to_see=Right.MONEY)
def gaining(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """What the work earned, which may be nothing: that is a report as well."""
    call = desk.call(call_id)
    names = ("amount", "first", "last", "note", "evidence")
    form = _typed(request, {"currency": [_currency(call)], **{name: [""] for name in names}})
    if request.method == "POST":
        is_nothing = "nothing" in request.POST
        money = Money(0, _currency(call)) if is_nothing else _read_money(form, least=0)
        period = Period(_read_day(form, "first"), _read_day(form, "last"))
        if _is_done(form, lambda: record_gain(
            call=call, money=money, period=period, note=form.get("note"),
            evidence=form.get("evidence"), by=desk.by, request_key=read_once(request),
        )):  # fmt: skip
            return _back(request, desk, call, _("Recorded. Everybody who helped can see it."))
    of = {
        **_currency_fields(form, call),
        "is_shared": find_part(call.promise, "revenue_share") is not None,
        "today": now().date().isoformat(),
    }
    return _show(request, "desk/gain.html", desk, call, form, of=of)


@at_desk(to_see=Right.MONEY)
def correcting(request: HttpRequest, desk: Desk, call_id: int, gain_id: int) -> HttpResponse:
    call = desk.call(call_id)
    line = find_gain(call=call, gain_id=gain_id)
    if line is None:
        raise NoSuchGain
    standing = line.standing
    form = _typed(request, {
        "currency": [standing.currency], "note": [""],
        "amount": [spell_minor(standing.amount_minor, currency=standing.currency)],
    })  # fmt: skip
    if request.method == "POST":
        form.typed["currency"] = [standing.currency]
        money = _read_money(form, least=0)
        if not form.get("note").strip():
            form.advices["note"] = _("Please say why, so that everybody can follow it.")
        if _is_done(form, lambda: correct_gain(
            call=call, gain_id=gain_id, amount_minor=money.amount_minor, note=form.get("note"),
            by=desk.by, request_key=read_once(request),
        )):  # fmt: skip
            return _back(request, desk, call, _("Corrected. What it was before stays readable."))
    return _show(request, "desk/correct_gain.html", desk, call, form, of={"line": line})


@at_desk(to_see=Right.MONEY)
def bettering(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """Promise more: what was promised stays, and each of its numbers may only get better."""
    call = desk.call(call_id)
    checks = can_check(call.question)
    shown = show_promise(call.promise)
    form = _typed(request, shown)
    if request.method == "POST":
        wanted = read_better(form, before=call.promise, can_check=checks)
        if _is_done(form, lambda: promise_more(call=call, promise=wanted, by=desk.by)):  # fmt: skip
            return _back(request, desk, call, _("Promised. Everybody who helps can read it."))
    kept = [part["kind"] for part in parts_of(call.promise)]
    form.typed["promise"] = list(dict.fromkeys([*kept, *form.typed.get("promise", [])]))
    of = {
        "promised": _only_better(fields_for(form, promise=call.promise, can_check=checks), call),
        "fixed": {**dict.fromkeys(kept, True), "currency": True} if kept else {},
        "words": spell_promise(call.promise),
    }
    return _show(request, "desk/better_promise.html", desk, call, form, of=of)


def _typed(request: HttpRequest, shown: dict[str, list[str]]) -> Filled:
    return Filled(read_typed(request.POST) if request.method == "POST" else {**shown}, shown)


def _currency(call: Call) -> str:
    return currency_of(call.promise) or CURRENCIES[0]


def _currency_fields(form: Filled, call: Call) -> dict[str, Any]:
    """The promise's own; only where none is promised another may be chosen."""
    fixed = currency_of(call.promise)
    return {
        "currency": form.get("currency") or CURRENCIES[0],
        "currencies": [fixed] if fixed else currencies_for(call.promise),
    }


def _read_money(form: Filled, *, least: int) -> Money:
    currency = form.get("currency")
    if currency not in IN_USE:
        form.advices["all"] = _("Please choose a currency, and an amount that fits it.")
        return Money(0, CURRENCIES[0])
    amount = read_minor(form.get("amount"), currency=currency)
    if amount is None or amount < least:
        form.advices["amount"] = _("Please write an amount, for example 50.")
        amount = least
    return Money(amount, currency)


def _read_day(form: Filled, name: str) -> date:
    try:
        return date.fromisoformat(form.get(name).strip())
    except ValueError:
        form.advices[name] = _("Please choose a day.")
        return now().date()


def _is_done(form: Filled, deed: Deed) -> bool:
    """Whether it was done; what is to be mended stands in the form."""
    if form.advices:
        return False
    try:
        deed()
    except WorsePromise as refusal:
        form.advices["all"] = _say_worse(str(refusal.sentence.facts["what"]))
    except StillPromised as refusal:
        free = spell_money(int(str(refusal.sentence.facts["amount"])), form.get("currency"))
        form.advices["amount"] = _("At most %(money)s can go back.") % {"money": free}
    except Refusal as refusal:
        form.advices["all"] = spell_refusal(refusal)
    return not form.advices


def _say_worse(what: str) -> str:
    names = {
        "amount_minor": _("the amount"),
        "percent": _("the percentage"),
        "cap_minor": _("the most in all"),
        "until": _("the last day"),
        "report_months": _("how often you report"),
        "currency": _("the currency"),
    }
    words = _("People rely on what was promised: it can only get better. Look again at %(what)s.")
    return words % {"what": names.get(what, what)}


def _only_better(fields: dict[str, Any], call: Call) -> dict[str, Any]:
    """Less often than promised can't be chosen, nor how a part that is out is divided."""
    share = find_part(call.promise, "revenue_share")
    if share is not None:
        fields["months"] = [
            one for one in fields["months"] if int(one["value"]) <= share["report_months"]
        ]
    shared = [part for part in parts_of(call.promise) if part["kind"] != "per_answer"]
    if shared:
        fields["bases"] = [one for one in fields["bases"] if one["value"] in ("50", "100", "0")]
    return {**fields, "is_divided": len(shared) == len(("pool", "revenue_share"))}


def _back(request: HttpRequest, desk: Desk, call: Call, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("desk-call-money", desk.organisation.slug, call.pk)


def _show(
    request: HttpRequest, page: str, desk: Desk, call: Call, form: Filled, *, of: dict[str, Any]
) -> HttpResponse:
    fields = {
        name: {"value": form.get(name), "advice": form.advices.get(name)}
        for name in ("amount", "first", "last", "note", "evidence")
    }
    context = {**head_of(desk, call, part="money"), "form": form, **fields, **of}
    status = 422 if form.advices else 200
    return render(request, page, context, status=status)
