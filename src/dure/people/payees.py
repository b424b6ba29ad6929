"""How a person wants to be paid: told by them, checked, and gone when they say so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from babel.core import Locale, get_global
from django.db import connection, transaction

from dure.clock import now
from dure.errors import Invalid
from dure.people.banks import IBAN_LETTERS, KR_BANKS, has_right_checksum
from dure.people.models import Payee, Person

HOLDER_LETTERS_MAX = 70
KR_DIGITS_MIN, KR_DIGITS_MAX = 8, 16
LINES_MAX = 4
LINE_LETTERS_MAX = 100
IBAN_FORM = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]+")
BIC_FORM = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
# Countries whose money somebody uses today.
COUNTRIES = frozenset(
    code
    for code, currencies in get_global("territory_currencies").items()
    if len(code) == 2
    and code in Locale("en").territories
    and any(until is None and is_tender for _currency, _since, until, is_tender in currencies)
)


def set_payee(*, person_id: int, kind: str, holder: str, country: str, **given: str) -> Payee:
    """Keep how this person is paid; what the same person said under other keys is replaced."""
    fields = check_payee(kind=kind, holder=holder, country=country, **given)
    with transaction.atomic():
        root, group = _hold_group(person_id)
        Payee.objects.filter(person_id__in=group).exclude(person_id=root).delete()
        payee, _ = Payee.objects.update_or_create(person_id=root, defaults={**fields, "at": now()})
    return payee


def drop_payee(*, person_id: int) -> None:
    """Forget how this person is paid, under whichever key they said it."""
    with transaction.atomic():
        _root, group = _hold_group(person_id)
        Payee.objects.filter(person_id__in=group).delete()


def find_payee(*, person_id: int) -> Payee | None:
    """What the person that this one turned out to be said; else the newest of those they were."""
    with connection.cursor() as cursor:
        cursor.execute("select people_root(%s)", [person_id])
        root: int = cursor.fetchone()[0]
    return payees_of([root]).get(root)


def payees_of(person_ids: Iterable[int]) -> dict[int, Payee]:
    """By person; two queries for however many, and whoever said nothing is not among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_id, payee_id from people_payees(%s)", [sorted(set(person_ids))]
        )
        chosen = dict(cursor.fetchall())
    found = Payee.objects.in_bulk(set(chosen.values()))
    return {person: found[payee] for person, payee in chosen.items()}


def describe_payee(payee: Payee) -> dict[str, str]:
    """The details as they are copied to where a payout goes."""
    return {
        "kind": payee.kind,
        "holder": payee.holder,
        "country": payee.country,
        "bank": payee.bank,
        "account": payee.account,
        "lines": payee.lines,
    }


def check_payee(
    *, kind: str, holder: str, country: str, bank: str = "", account: str = "", lines: str = ""
) -> dict[str, Any]:
    """The fields as they are stored, each checked with a sentence of its own."""
    checked = {"kind": kind, "holder": _read_holder(holder), "country": country}
    if country not in COUNTRIES:
        raise Invalid("Please choose the country you live in.")
    if kind == Payee.Kind.KR_BANK:
        return {**checked, **_read_korean(bank, account), "lines": ""}
    if kind == Payee.Kind.IBAN:
        return {**checked, **_read_iban(bank, account), "lines": ""}
    if kind == Payee.Kind.OTHER:
        return {**checked, "bank": "", "account": "", "lines": _read_lines(lines)}
    raise Invalid("Please choose how we should pay you.")


def _hold_group(person_id: int) -> tuple[int, list[int]]:
    """The person's root and everybody who is the same, while nobody merges them."""
    with connection.cursor() as cursor:
        # A merge between reading the group and writing its row would leave two rows behind.
        cursor.execute("select people_take_turns()")
        cursor.execute("select people_root(%s), people_group(%s)", [person_id, person_id])
        root, group = cursor.fetchone()
    # A person that nobody knows is our own mistake.
    Person.objects.get(pk=root)
    return root, group


def _read_holder(given: str) -> str:
    holder = " ".join(given.split())
    if not 0 < len(holder) <= HOLDER_LETTERS_MAX or not holder.isprintable():
        raise Invalid(
            "Please write the name of the account's holder, in 1 to {most} letters.",
            most=HOLDER_LETTERS_MAX,
        )
    return holder


def _read_korean(bank: str, account: str) -> dict[str, str]:
    if bank not in KR_BANKS:
        raise Invalid("Please choose your bank.")
    digits = re.sub(r"[\s-]", "", account)
    if not (digits.isascii() and digits.isdigit()) or not (
        KR_DIGITS_MIN <= len(digits) <= KR_DIGITS_MAX
    ):
        raise Invalid(
            "Please write the account number in {least} to {most} digits.",
            least=KR_DIGITS_MIN,
            most=KR_DIGITS_MAX,
        )
    return {"bank": bank, "account": digits}


def _read_iban(bank: str, account: str) -> dict[str, str]:
    iban = "".join(account.split()).upper()
    if not iban.isascii() or not IBAN_FORM.fullmatch(iban) or iban[:2] not in IBAN_LETTERS:
        raise Invalid("Please write the whole IBAN; it begins with two letters of its country.")
    wanted = IBAN_LETTERS[iban[:2]]
    if len(iban) != wanted:
        raise Invalid(
            "An IBAN of {country} has {wanted} letters and digits; this one has {n}.",
            country=iban[:2],
            wanted=wanted,
            n=len(iban),
        )
    if not has_right_checksum(iban):
        raise Invalid("There is a slip in this IBAN; please compare it letter by letter.")
    bic = "".join(bank.split()).upper()
    if bic and not (bic.isascii() and BIC_FORM.fullmatch(bic)):
        raise Invalid("A BIC has 8 or 11 letters and digits; or leave it empty.")
    return {"bank": bic, "account": iban}


def _read_lines(given: str) -> str:
    lines = [" ".join(line.split()) for line in given.splitlines()]
    lines = [line for line in lines if line]
    if (
        not 1 <= len(lines) <= LINES_MAX
        or max(map(len, lines)) > LINE_LETTERS_MAX
        or not all(line.isprintable() for line in lines)
    ):
        raise Invalid(
            "Please write where to send the money in 1 to {lines} lines of at most {most} letters.",
            lines=LINES_MAX,
            most=LINE_LETTERS_MAX,
        )
    return "\n".join(lines)
