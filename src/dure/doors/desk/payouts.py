"""Payouts: who waits for money, batches that two members decide, files for the bank."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dure.calls import paying_out
from dure.calls.dues import owner_of, sum_up
from dure.calls.queries import calls_of
from dure.doors.desk.amounts import read_money
from dure.doors.desk.jobs import mark_payouts_paid_later
from dure.doors.desk.naming import name_things
from dure.doors.desk.payout_files import describe, print_file
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.promised import CURRENCIES
from dure.doors.desk.reading import read_id, read_once
from dure.doors.wording.refusals import spell_sentence
from dure.doors.wording.saying import read_text, spell_number
from dure.errors import Invalid
from dure.ledger.payouts.batches import find_batch
from dure.ledger.payouts.models import Payout, PayoutBatch
from dure.ledger.payouts.paying import Marked
from dure.ledger.payouts.queries import batches_of, count_waiting, payouts_of
from dure.ledger.payouts.withholding import withheld_now
from dure.people.roles import Right

BATCHES_SHOWN_MAX = 50
LINES_PER_PAGE = 50
CALLS_SHOWN_MAX = 200
# More than these are marked in the background, so that nobody looks at a page that hangs.
MARKED_NOW_MAX = 300
REFUSED_SHOWN_MAX = 20


@at_desk(to_see=Right.READ, to_do=Right.MONEY)
def payouts(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who waits for how much, and the batches; sending the form makes one."""
    if request.method == "POST":
        made = paying_out.propose_batch(
            organisation=desk.organisation,
            currency=request.POST.get("currency", ""),
            by=desk.by,
            request_key=_key(request),
        )
        return redirect("desk-payout", desk.organisation.slug, made.pk)
    owner = owner_of(desk.organisation)
    found = list(batches_of(owner)[:BATCHES_SHOWN_MAX])
    waiting = sum_up(desk.organisation)
    context = {
        "desk": desk,
        "tab": "payouts",
        "waiting": waiting,
        "batches": [{"batch": one, "state": _state_of(one)} for one in found],
        "withheld": [
            {"name": name, "currency": currency, "amount_minor": amount}
            for (name, currency), amount in withheld_now(owner).items()
        ],
        "currencies": sorted({*CURRENCIES, *(one.currency for one in waiting)}),
        "calls": [
            {"pk": call.pk, "title": read_text(call.title, own=call.language)}
            for call in (calls_of(desk.organisation)[:CALLS_SHOWN_MAX] if desk.may_pay else ())
        ],
    }
    return render(request, "desk/payouts.html", context)


@require_POST
@at_desk(to_see=Right.MONEY)
def keep_books(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was withheld went to its office, or the bank took a fee."""
    said = request.POST
    if said.get("step") == "remit":
        paying_out.remit_withheld(
            organisation=desk.organisation,
            name=said.get("name", ""),
            currency=said.get("currency", ""),
            by=desk.by,
            request_key=_key(request),
        )
        messages.success(request, _("Written down: it went to the office."))
    else:
        paying_out.record_fee(
            organisation=desk.organisation,
            call_id=read_id(said.get("call")) or 0,
            fee=read_money(said.get("amount", ""), said.get("currency", "")),
            by=desk.by,
            request_key=_key(request),
        )
        messages.success(request, _("The fee is written down."))
    return redirect("desk-payouts", desk.organisation.slug)


@require_safe
@at_desk(to_see=Right.READ)
def batch(request: HttpRequest, desk: Desk, batch_id: int) -> HttpResponse:
    """A batch's sums, and for those who look after the money its lines and where they go."""
    owner = owner_of(desk.organisation)
    found = batches_of(owner).filter(pk=find_batch(owner=owner, batch_id=batch_id).pk).get()
    words = request.GET.get("words", "").strip().upper()[:12]
    lines: list[Payout] = []
    if desk.may_pay:
        wanted = payouts_of(found).filter(pk__gt=read_id(request.GET.get("after")) or 0)
        if words:
            wanted = wanted.filter(reference__startswith=words)
        lines = list(wanted[: LINES_PER_PAGE + 1])
    shown = lines[:LINES_PER_PAGE]
    by = {found.made_by, found.released_by, found.cancelled_by} - {None}
    context = {
        "desk": desk,
        "tab": "payouts",
        "batch": found,
        "state": _state_of(found),
        "names": name_things(str(one) for one in by),
        "is_mine": found.made_by == desk.by,
        "n_waiting": count_waiting(found),
        "lines": [describe(one) for one in shown],
        "words": words,
        "next": shown[-1].pk if len(lines) > LINES_PER_PAGE else None,
    }
    return render(request, "desk/payout.html", context)


@require_POST
@at_desk(to_see=Right.MONEY)
def lead(request: HttpRequest, desk: Desk, batch_id: int) -> HttpResponse:
    """The next step of a batch, or of one payout in it."""
    step = request.POST.get("step", "")
    reference = request.POST.get("reference", "")
    mine: dict[str, Any] = {"organisation": desk.organisation, "by": desk.by}
    if step == "release":
        released = paying_out.release_batch(batch_id=batch_id, **mine)
        messages.success(request, _("Released. Take the file to the bank, then mark it as paid."))
        if left_out := released.payouts.filter(dropped_at__isnull=False).count():
            messages.warning(request, _say_left_out(left_out))
    elif step == "cancel":
        paying_out.cancel_batch(batch_id=batch_id, **mine)
        messages.success(request, _("Cancelled. Everything in it is owed as before."))
    elif step == "paid":
        _mark_paid(request, desk, batch_id, reference)
    elif step in ("return", "drop"):
        # The address says of which batch; a reference of another one is a slip.
        owner = owner_of(desk.organisation)
        payout = find_batch(owner=owner, batch_id=batch_id).payouts.filter(reference=reference)
        change = paying_out.mark_returned if step == "return" else paying_out.drop_payout
        if not payout.exists():
            raise Invalid("There is no such payout; look at the list again.")
        change(reference=reference, reason=request.POST.get("reason", ""), **mine)
        messages.success(request, _("Written down. The money is owed as before."))
    else:
        raise Invalid("There is no such step.")
    return redirect("desk-payout", desk.organisation.slug, batch_id)


@require_safe
@at_desk(to_see=Right.MONEY)
def file(request: HttpRequest, desk: Desk, batch_id: int, form: str) -> HttpResponse:
    """A file for the bank, the same bytes whenever it is asked for; the history has who took it."""
    found = find_batch(owner=owner_of(desk.organisation), batch_id=batch_id)
    content, content_type = print_file(found, form=form)
    if request.method == "GET":
        paying_out.note_file(organisation=desk.organisation, batch=found, form=form, by=desk.by)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="payouts-{found.pk}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


def _mark_paid(request: HttpRequest, desk: Desk, batch_id: int, reference: str) -> None:
    found = find_batch(owner=owner_of(desk.organisation), batch_id=batch_id)
    if not reference and found.released_at and count_waiting(found) > MARKED_NOW_MAX:
        mark_payouts_paid_later(organisation_id=desk.organisation.pk, batch_id=batch_id, by=desk.by)
        messages.success(request, _("They are being marked as paid. Look again in a while."))
        return
    marked = paying_out.mark_paid(
        organisation=desk.organisation,
        batch_id=batch_id,
        by=desk.by,
        references=[reference] if reference else None,
    )
    _tell_marked(request, marked)


def _tell_marked(request: HttpRequest, marked: Marked) -> None:
    if marked.paid or not marked.refused:
        n = marked.paid
        told = ngettext("%(n)s payout is marked as paid.", "%(n)s payouts are marked as paid.", n)
        messages.success(request, told % {"n": spell_number(n)})
    for reference, why in list(marked.refused.items())[:REFUSED_SHOWN_MAX]:
        messages.warning(request, f"{reference}: {spell_sentence(why)}")


def _say_left_out(n: int) -> str:
    told = ngettext(
        "%(n)s payout was left out: less is owed by now.",
        "%(n)s payouts were left out: less is owed by now.",
        n,
    )
    return told % {"n": spell_number(n)}


def _state_of(batch: PayoutBatch) -> str:
    if batch.cancelled_at is not None:
        return "cancelled"
    if batch.released_at is None:
        return "made"
    n, n_paid = batch.n, batch.n_paid  # type: ignore[attr-defined]
    return "paid" if n_paid >= n else "released"


def _key(request: HttpRequest) -> str:
    return read_once(request) or f"desk {secrets.token_urlsafe(12)}"
