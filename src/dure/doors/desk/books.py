"""The organisation's part of the ledger: what stands in its accounts, and each one's entries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, cast, get_args

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.calls.books import owners_of
from dure.doors.desk.naming import name_things
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.files.journals import JournalForm, write_journal
from dure.doors.files.streaming import stream_rows
from dure.doors.wording.books import spell_account, spell_reason
from dure.doors.wording.saying import spell_money
from dure.errors import Unknown
from dure.ledger.models import LedgerAccount, Purpose
from dure.ledger.money import Money
from dure.ledger.queries import (
    Owners,
    Passed,
    Standing,
    balance,
    entries_of,
    read_accounts,
    read_transactions,
    trial_balance,
)
from dure.ledger.reading import last_id
from dure.people import audit
from dure.people.roles import Right

ENTRIES_PER_PAGE = 50
CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,9})")


class NoSuchAccount(Unknown):
    """There is no such account in this organisation's ledger; look at it again."""

    code = "unknown-account"


class NoSuchForm(Unknown):
    """The ledger is taken home for beancount or for hledger; choose one of them."""

    code = "unknown-ledger-form"


@require_safe
@at_desk(to_see=Right.READ)
def ledger(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What stands in each account; a call's contributors are one line."""
    rows = trial_balance(owners=_each_office(owners_of(desk.organisation)))
    context = {
        "desk": desk,
        "tab": "ledger",
        "groups": list(_group(rows, desk)),
        "sums": [_spell(one) for one in _sum(rows)],
        "forms": get_args(JournalForm),
    }
    return render(request, "desk/ledger.html", context)


@require_safe
@at_desk(to_see=Right.READ)
def account_entries(request: HttpRequest, desk: Desk, account_id: int) -> HttpResponse:
    account = _find_account(owners_of(desk.organisation), account_id)
    found = CURSOR.fullmatch(request.GET.get("before", ""))
    before = (int(found[1]), int(found[2])) if found else None
    page = entries_of(account, before=before, limit=ENTRIES_PER_PAGE + 1)
    shown = page[:ENTRIES_PER_PAGE]
    things = _thing_of(account.owner, desk)
    context = {
        "desk": desk,
        "tab": "ledger",
        "whose": name_things([things])[things],
        "who": _who(account.owner),
        "what": spell_account(account.owner.partition(":")[0], Purpose(account.purpose)),
        "balance": _spell(balance(account)),
        "entries": [_show_entry(one) for one in shown],
        "next": "{}-{}".format(*shown[-1].cursor) if len(page) > ENTRIES_PER_PAGE else "",
    }
    return render(request, "desk/account_entries.html", context)


@require_safe
@at_desk(to_see=Right.READ)
def export(request: HttpRequest, desk: Desk, form: str) -> HttpResponseBase:
    """The organisation's transactions; nobody else's names are in the file."""
    if form not in get_args(JournalForm):
        raise NoSuchForm
    organisation = desk.organisation
    if request.method == "GET":
        with transaction.atomic():
            audit.record(
                organisation=organisation,
                by=desk.by,
                action="export ledger",
                thing=f"organisation:{organisation.pk}",
                form=form,
            )
    owners = owners_of(organisation)
    blocks = write_journal(
        form=cast(JournalForm, form),
        accounts=read_accounts(owners=owners),
        transactions=read_transactions(up_to=last_id(), owners=owners),
        is_own=owners.has,
    )
    return stream_rows(
        request,
        blocks,
        content_type="text/plain; charset=utf-8",
        filename=f"ledger-{organisation.slug}.{form}",
    )


def _each_office(owners: Owners) -> Owners:
    """The same, with a line for each office that something is withheld for: they are few."""
    withheld = frozenset(one for one in owners.beginnings if one.startswith("withheld:"))
    offices = {one.owner for one in read_accounts(owners=Owners(frozenset(), withheld))}
    return Owners(owners.names | offices, owners.beginnings - withheld)


def _find_account(owners: Owners, account_id: int) -> LedgerAccount:
    """Another organisation's account is as unknown as one that never was."""
    account = LedgerAccount.objects.filter(pk=account_id).first()
    if account is None or not owners.has(account.owner):
        raise NoSuchAccount
    return account


def _group(rows: Iterable[Standing], desk: Desk) -> Iterator[dict[str, Any]]:
    """By what they are about: the organisation itself first, then its calls, the newest first."""
    groups: dict[str, list[Standing]] = {}
    for row in rows:
        groups.setdefault(_thing_of(row.owner, desk), []).append(row)
    names = name_things(groups)
    for thing in sorted(groups, key=_newest_first):
        yield {"name": names[thing], "rows": [_show_row(row) for row in groups[thing]]}


def _newest_first(thing: str) -> tuple[int, int]:
    kind, _colon, number = thing.partition(":")
    return (0, 0) if kind == "organisation" else (1, -int(number))


def _thing_of(owner: str, desk: Desk) -> str:
    """What the history would call it: a call, or the organisation."""
    kind, _colon, rest = owner.partition(":")
    if kind in ("call", "pot", "contributor"):
        return f"call:{rest.partition(':')[0]}"
    return f"organisation:{desk.organisation.pk}"


def _who(owner: str) -> str:
    """Whom an account is about beside the call or the organisation."""
    kind, _colon, rest = owner.partition(":")
    one = rest.partition(":")[2]
    if kind == "contributor" and one:
        return _("Contributor %(n)s") % {"n": one}
    return one if kind == "withheld" else ""


def _show_row(row: Standing) -> dict[str, Any]:
    is_summed = row.owner.endswith(":")
    return {
        "what": spell_account(row.owner.partition(":")[0], row.purpose),
        "who": "" if is_summed else _who(row.owner),
        "account_id": None if is_summed else row.account_id,
        "n_accounts": row.n_accounts if is_summed else 0,
        "balance": _spell(row.balance),
    }


def _show_entry(one: Passed) -> dict[str, Any]:
    posted = one.entry.transaction
    return {
        "at": posted.at,
        "reason": spell_reason(posted.reason),
        "key": posted.key,
        "amount": _spell(Money(one.entry.amount_minor, one.entry.currency)),
        "balance": _spell(one.balance),
    }


def _sum(rows: Iterable[Standing]) -> list[Money]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row.balance.currency] += row.balance.amount_minor
    return [Money(amount, currency) for currency, amount in sorted(sums.items())]


def _spell(money: Money) -> str:
    """With a true minus, which a dash beside it can't be taken for."""
    return spell_money(money.amount_minor, money.currency).replace("-", "\N{MINUS SIGN}")
