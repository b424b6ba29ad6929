"""The ledger as a journal for beancount or hledger, written while it is read.

Signs. Both programs count assets and expenses above zero, liabilities below. The ledger counts what
is owed above zero and what is held below it, so every amount is written with its sign turned: 50
owed to a contributor is `-50` in Liabilities, 1,000 held is `1000` in Assets.

Every transaction has its key, its reason and its hash. A date is the day in UTC. All accounts are
opened in 1970, since a transaction may have an earlier day than the one posted before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby
from typing import Literal

from dure.doors.files.account_names import OTHERS, account_name
from dure.ledger.models import LedgerAccount
from dure.ledger.money import Money, decimals_of
from dure.ledger.reading import Line, Posted

JournalForm = Literal["beancount", "hledger"]
OPENED = "1970-01-01"
BLOCK_CHARACTERS = 64 * 1024
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# In hledger a comment begins at a semicolon, a value ends at a comma, and a colon or brackets would
# make another value or a date of what is only part of a text.
MEANT_BY_HLEDGER = frozenset("%,;:[]|")


def write_journal(
    *,
    form: JournalForm,
    accounts: Iterable[LedgerAccount],
    transactions: Iterable[Posted],
    is_own: Callable[[str], bool] = lambda _owner: True,
) -> Iterator[bytes]:
    """Accounts come by name; an entry of an owner that is not one's own is shown as of others."""
    opened = groupby(
        ((account_name(one.owner, one.purpose), one.currency) for one in accounts),
        key=lambda pair: pair[0],
    )
    names = ((name, [currency for _name, currency in pairs]) for name, pairs in opened)
    begin, tell = FORMS[form]
    return _blocks(
        chain(begin(names), (tell(one, _amounts(one, is_own=is_own)) for one in transactions))
    )


def _amounts(posted: Posted, *, is_own: Callable[[str], bool]) -> list[tuple[str, Money]]:
    return [(_name(line, is_own=is_own), Money(-line.amount_minor, line.currency))
            for line in posted.lines]  # fmt: skip


def _name(line: Line, *, is_own: Callable[[str], bool]) -> str:
    return account_name(line.owner, line.purpose) if is_own(line.owner) else OTHERS


def _begin_beancount(accounts: Iterable[tuple[str, list[str]]]) -> Iterator[str]:
    yield 'option "title" "Dure"\n\n'
    yield f"{OPENED} open {OTHERS}\n"
    for name, currencies in accounts:
        yield f"{OPENED} open {name} {','.join(currencies)}\n"


def _tell_beancount(posted: Posted, amounts: list[tuple[str, Money]]) -> str:
    key, reason = _quote(posted.key), _quote(posted.reason)
    postings = "".join(
        f"  {name}  {money.decimal_text} {money.currency}\n" for name, money in amounts
    )
    return (
        f"\n{posted.at:%Y-%m-%d} * {reason} {key}\n  key: {key}\n  reason: {reason}\n"
        f'  hash: "{posted.hash.hex()}"\n  posted-at: "{posted.at.isoformat()}"\n{postings}'
    )


def _quote(text: str) -> str:
    return '"' + "".join(_escape(sign) for sign in text) + '"'


def _escape(sign: str) -> str:
    if sign in ESCAPES:
        return ESCAPES[sign]
    return sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}"


def _begin_hledger(accounts: Iterable[tuple[str, list[str]]]) -> Iterator[str]:
    yield "; Dure\ndecimal-mark .\n\n"
    yield f"account {OTHERS}\n"
    known: set[str] = set()
    for name, currencies in accounts:
        for currency in currencies:
            if currency not in known:
                known.add(currency)
                yield f"commodity 1000.{'0' * decimals_of(currency)} {currency}\n"
        yield f"account {name}\n"


def _tell_hledger(posted: Posted, amounts: list[tuple[str, Money]]) -> str:
    key, reason = _percent(posted.key), _percent(posted.reason)
    postings = "".join(
        f"    {name}  {money.decimal_text} {money.currency}\n" for name, money in amounts
    )
    return (
        f"\n{posted.at:%Y-%m-%d} * ({posted.number}) {reason} | {key}\n"
        f"    ; key: {key}\n    ; reason: {reason}\n"
        f"    ; hash: {posted.hash.hex()}\n"
        f"    ; posted-at: {_percent(posted.at.isoformat())}\n{postings}"
    )


def _percent(text: str) -> str:
    """As in web addresses: %2C for a comma, and so for whatever hledger would make sense of."""
    spelt = "".join(
        sign
        if sign.isprintable() and sign not in MEANT_BY_HLEDGER
        else "".join(f"%{byte:02X}" for byte in sign.encode())
        for sign in text
    )
    # A space at an end would be lost.
    return spelt if spelt == spelt.strip() else spelt.replace(" ", "%20")


def _blocks(texts: Iterable[str]) -> Iterator[bytes]:
    block: list[str] = []
    length = 0
    for text in texts:
        block.append(text)
        length += len(text)
        if length >= BLOCK_CHARACTERS:
            yield "".join(block).encode()
            block, length = [], 0
    yield "".join(block).encode()


FORMS: dict[JournalForm, tuple[
    Callable[[Iterable[tuple[str, list[str]]]], Iterator[str]],
    Callable[[Posted, list[tuple[str, Money]]], str],
]] = {
    "beancount": (_begin_beancount, _tell_beancount),
    "hledger": (_begin_hledger, _tell_hledger),
}  # fmt: skip
