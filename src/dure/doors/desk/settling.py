"""Settlements at the desk: worked out, looked at share by share, approved by whoever must."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.calls.models import Call
from dure.calls.promises import find_part
from dure.calls.shares.basis import basis_now, may_be_last
from dure.calls.shares.limits import limit_of
from dure.calls.shares.listing import (
    Crowd,
    ListedShare,
    Usefulness,
    all_shares,
    crowd_of,
    list_shares,
    note_download,
)
from dure.calls.shares.models import Settlement
from dure.calls.shares.settlements import (
    approve_settlement,
    find_settlement,
    propose_taking_back,
    settlements_of,
    withdraw_settlement,
)
from dure.calls.shares.statements import sums_of
from dure.calls.shares.work import CHECKED_MIN
from dure.doors.desk.board import head_of
from dure.doors.desk.money import show_settlement
from dure.doors.desk.naming import name_things
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.reading import read_id
from dure.doors.files.streaming import stream
from dure.doors.wording.refusals import spell_refusal
from dure.doors.wording.saying import spell_base, spell_number
from dure.errors import Invalid, Refusal
from dure.ledger.money import Money
from dure.people.roles import Right

COLUMNS = ("contributor", "answers", "checked", "value_mean_nats", "value_error_nats",
           "base_minor", "value_minor", "total_minor", "currency")  # fmt: skip
DIGEST_LETTERS = 16
ROWS_PER_BLOCK = 1_000
NANO = 1_000_000_000


@at_desk(to_see=Right.MONEY)
def propose(request: HttpRequest, desk: Desk, call_id: int) -> HttpResponse:
    """Work out who would get what; nothing is owed to anybody by that."""
    # With numpy: only a process that settles holds it.
    from dure.calls.settling import propose_settlement  # noqa: PLC0415  slow import

    call = desk.call(call_id)
    advice = ""
    if request.method == "POST":
        try:
            made = propose_settlement(
                call=call,
                by=desk.by,
                note=request.POST.get("note", "").strip(),
                is_last="is_last" in request.POST,
            )
        except Refusal as refusal:
            advice = spell_refusal(refusal)
        else:
            return redirect("desk-settlement", desk.organisation.slug, call.pk, made.number)
    context = {
        **head_of(desk, call, part="money"),
        "sums": sums_of(call),
        "may_be_last": may_be_last(call),
        "rules": _rules_of(call),
        "checked_min": CHECKED_MIN,
        "note": request.POST.get("note", ""),
        "advice": advice,
    }
    return render(request, "desk/settle.html", context, status=422 if advice else 200)


@at_desk(to_see=Right.READ, to_do=Right.MONEY)
def settlement(request: HttpRequest, desk: Desk, call_id: int, number: int) -> HttpResponse:
    """What everybody gets and why; whoever may decides here."""
    call = desk.call(call_id)
    found = find_settlement(call=call, number=number)
    advice = ""
    if request.method == "POST":
        step = STEPS.get(request.POST.get("step", ""))
        if step is None:
            raise Invalid("A settlement is approved, withdrawn or taken back; use its buttons.")
        try:
            after = step(request, desk, found)
        except Refusal as refusal:
            advice = spell_refusal(refusal)
            found = find_settlement(call=call, number=number)
        else:
            return redirect("desk-settlement", desk.organisation.slug, call.pk, after.number)
    context = {
        **head_of(desk, call, part="money"),
        **_context(request, desk, call, found),
        "advice": advice,
    }
    return render(request, "desk/settlement.html", context, status=422 if advice else 200)


@require_safe
@at_desk(to_see=Right.MONEY)
def file(request: HttpRequest, desk: Desk, call_id: int, number: int) -> HttpResponseBase:
    """All shares as a table, under pseudonyms."""
    found = find_settlement(call=desk.call(call_id), number=number)
    crowd = crowd_of(found)
    name = f"settlement-{found.number}-{found.call.slug}"
    response = stream(request, lambda _form: _lines_of(found, crowd), form="csv", name=name)
    if request.method == "GET":
        note_download(found, by=desk.by)
    return response


def name_usefulness(usefulness: Usefulness) -> str:
    return {
        Usefulness.NOT_KNOWN: _("not known yet"),
        Usefulness.NONE: _("none found"),
        Usefulness.BELOW: _("below the crowd"),
        Usefulness.LIKE: _("like the crowd"),
        Usefulness.ABOVE: _("well above the crowd"),
    }[usefulness]


def _approve(request: HttpRequest, desk: Desk, found: Settlement) -> Settlement:
    approved = approve_settlement(settlement=found, by=desk.by)
    if approved.kind == Settlement.Kind.TAKE_BACK:
        messages.success(request, _("Taken back. Both settlements stay readable."))
    else:
        messages.success(request, _("Approved. Everybody in it is owed their share now."))
    return approved


def _withdraw(request: HttpRequest, desk: Desk, found: Settlement) -> Settlement:
    withdrawn = withdraw_settlement(settlement=found, by=desk.by)
    messages.success(request, _("Withdrawn. Nobody was owed anything by it."))
    return withdrawn


def _take_back(request: HttpRequest, desk: Desk, found: Settlement) -> Settlement:
    note = request.POST.get("note", "").strip()
    made = propose_taking_back(settlement=found, note=note, by=desk.by)
    messages.success(request, _("Put down. It is taken back once this is approved."))
    return made


STEPS: dict[str, Callable[[HttpRequest, Desk, Settlement], Settlement]] = {
    "approve": _approve,
    "withdraw": _withdraw,
    "take-back": _take_back,
}


def _context(request: HttpRequest, desk: Desk, call: Call, found: Settlement) -> dict[str, Any]:
    crowd = crowd_of(found)
    shares, cursor = list_shares(found, crowd=crowd, after=_read_cursor(request))
    line = show_settlement(found)
    total: Money = line["total"]
    limit = limit_of(desk.organisation, found.currency)
    is_above = abs(total.amount_minor) > limit.amount_minor
    taking_back = settlements_of(call).filter(corrects=found, withdrawn_at=None).first()
    doers = [found.proposed_by, found.approved_by, found.withdrawn_by]

    def money(amount_minor: int) -> Money:
        return Money(amount_minor, found.currency)

    is_share = not line["is_taking_back"]
    left = found.pot_minor - found.before_minor - total.amount_minor
    return {
        **line,
        "pot": money(found.pot_minor),
        "before": money(found.before_minor),
        "base": money(found.base_minor),
        "value": money(found.value_minor),
        "left": money(left) if is_share else None,
        "why_left": _why_left(found, crowd) if is_share and left > 0 else "",
        "crowd": crowd,
        "shares": [_show_share(one) for one in shares],
        "next": "{}.{}".format(*cursor) if cursor else "",
        "is_first": not request.GET.get("after"),
        "limit": limit,
        "is_above": is_above,
        "needs_other": is_above and found.proposed_by == desk.by,
        "is_stale": is_share and line["state"] == "proposed" and _is_stale(call, found),
        "corrects": found.corrects,
        "taking_back": taking_back,
        "is_taken_back": taking_back is not None and taking_back.approved_at is not None,
        "names": name_things([one for one in doers if one]),
        "digest": bytes(found.digest).hex()[:DIGEST_LETTERS],
    }


def _is_stale(call: Call, found: Settlement) -> bool:
    is_same: bool = basis_now(call).as_facts() == found.basis
    return not is_same


def _why_left(found: Settlement, crowd: Crowd) -> str:
    if found.is_last:
        return _("Nobody took part in what it is for.")
    if crowd.unknown:
        words = _(
            "Too little is checked of %(n)s out of %(people)s: fewer than %(least)s answers each. "
            "What may be theirs waits until more is checked."
        )
        return words % {
            "n": spell_number(crowd.unknown),
            "people": spell_number(crowd.people),
            "least": CHECKED_MIN,
        }
    return _("What is not certain yet waits until more answers are checked.")


def _show_share(one: ListedShare) -> dict[str, Any]:
    share = one.share
    is_known = one.usefulness != Usefulness.NOT_KNOWN
    return {
        "listed": one,
        "usefulness": name_usefulness(one.usefulness),
        "mean": spell_number(share.mean_nano / NANO) if is_known else "",
        "error": spell_number(share.error_nano / NANO) if is_known else "",
    }


def _rules_of(call: Call) -> list[str]:
    parts = [find_part(call.promise, kind) for kind in ("pool", "revenue_share")]
    return list(dict.fromkeys(spell_base(part) for part in parts if part is not None))


def _read_cursor(request: HttpRequest) -> tuple[int, int] | None:
    """The size of the last share that was shown, and whose it was."""
    size, _dot, contributor = request.GET.get("after", "").partition(".")
    contributor_id = read_id(contributor)
    if contributor_id is None or (size != "0" and read_id(size) is None):
        return None
    return int(size), contributor_id


def _lines_of(found: Settlement, crowd: Crowd) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for n, one in enumerate(all_shares(found, crowd=crowd), start=1):
        share, is_known = one.share, one.usefulness != Usefulness.NOT_KNOWN
        writer.writerow([
            one.pseudonym, share.counted, share.checked,
            f"{share.mean_nano / NANO:.9f}" if is_known else "",
            f"{share.error_nano / NANO:.9f}" if is_known else "",
            share.base_minor, share.value_minor, share.base_minor + share.value_minor, one.currency,
        ])  # fmt: skip
        if n % ROWS_PER_BLOCK == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    block = out.getvalue().encode()
    out.seek(0)
    out.truncate()
    return block
