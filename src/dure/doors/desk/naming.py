"""Who did something and to what, in words: `account:5` is nobody's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import orjson
from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from dure.calls.models import Call, Media, Template
from dure.doors.wording.saying import read_text
from dure.people.models import Account, Invitation, Organisation

# Of people and calls that fit what is searched for.
FOUND_MAX = 200


def name_things(things: Iterable[str]) -> dict[str, str]:
    """What doers and things such as `call:17` are called; a query for each kind there is."""
    wanted = set(things)
    keys_of: dict[str, set[str]] = {}
    for thing in wanted:
        kind, _colon, key = thing.partition(":")
        keys_of.setdefault(kind, set()).add(key)
    found = {
        f"{kind}:{key}": name
        for kind, read in _READERS.items()
        if kind in keys_of
        for key, name in read(keys_of[kind]).items()
    }
    return {thing: found.get(thing) or _name_unfound(thing) for thing in wanted}


def find_things(words: str, *, organisation: Organisation) -> list[str]:
    """The people and calls of an organisation whose names hold the words, as the log has them."""
    accounts = Account.objects.filter(Q(name__icontains=words) | Q(email__icontains=words))
    calls = Call.objects.filter(organisation=organisation).alias(
        title_words=Cast("title", CharField())
    )
    as_json = orjson.dumps(words).decode()[1:-1]
    people = accounts.filter(memberships__organisation=organisation).values_list("pk", flat=True)
    titled = calls.filter(title_words__icontains=as_json).values_list("pk", flat=True)
    return [
        *(f"account:{pk}" for pk in people[:FOUND_MAX]),
        *(f"call:{pk}" for pk in titled[:FOUND_MAX]),
    ]


def _name_unfound(thing: str) -> str:
    """A name for what has none of its own, or is not there any more."""
    kind, _colon, number = thing.partition(":")
    if kind == "token":
        return _("API key %(n)s") % {"n": number}
    if kind == "template":
        return _("template %(n)s") % {"n": number}
    if kind == "payouts":
        return _("payouts %(n)s") % {"n": number}
    return {"operator": _("operator"), "demo": _("demo")}.get(thing, thing)


def _accounts(keys: set[str]) -> dict[str, str]:
    found = Account.objects.in_bulk(_numbers(keys))
    return {str(pk): account.name or account.email or "" for pk, account in found.items()}


def _calls(keys: set[str]) -> dict[str, str]:
    found = Call.objects.in_bulk(_numbers(keys))
    return {str(pk): read_text(call.title, own=call.language).text for pk, call in found.items()}


def _templates(keys: set[str]) -> dict[str, str]:
    return {str(pk): one.name for pk, one in Template.objects.in_bulk(_numbers(keys)).items()}


def _invitations(keys: set[str]) -> dict[str, str]:
    found = Invitation.objects.in_bulk(_numbers(keys))
    return {str(pk): one.email or _("an invitation by link") for pk, one in found.items()}


def _organisations(keys: set[str]) -> dict[str, str]:
    return {str(pk): one.name for pk, one in Organisation.objects.in_bulk(_numbers(keys)).items()}


def _media(keys: set[str]) -> dict[str, str]:
    return dict(Media.objects.filter(token__in=keys).values_list("token", "name"))


def _numbers(keys: set[str]) -> list[int]:
    return [int(key) for key in keys if key.isdecimal()]


_READERS: dict[str, Callable[[set[str]], dict[str, str]]] = {
    "account": _accounts,
    "call": _calls,
    "invitation": _invitations,
    "media": _media,
    "organisation": _organisations,
    "template": _templates,
}
