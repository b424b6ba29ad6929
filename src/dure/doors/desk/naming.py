"""Who did something, in words: `account:5` is nobody's name."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from dure.people.models import Account


def name_doers(doers: Iterable[str]) -> dict[str, str]:
    """The names of accounts, tokens and the operator; one query for all of them."""
    wanted = set(doers)
    ids = {
        int(doer.removeprefix("account:"))
        for doer in wanted
        if doer.startswith("account:") and doer.removeprefix("account:").isdigit()
    }
    accounts = {account.pk: account for account in Account.objects.filter(pk__in=ids)}
    return {doer: _name(doer, accounts) for doer in wanted}


def _name(doer: str, accounts: dict[int, Account]) -> str:
    kind, _colon, number = doer.partition(":")
    if kind == "account" and number.isdigit() and int(number) in accounts:
        account = accounts[int(number)]
        return account.name or account.email or doer
    if kind == "token":
        return _("API key %(n)s") % {"n": number}
    return {"operator": _("operator"), "demo": _("demo")}.get(doer, doer)
