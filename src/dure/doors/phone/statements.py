"""What somebody earned, in words: all in all, and call by call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

from babel.numbers import get_currency_precision
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dure.calls.finding import find_revealed
from dure.calls.models import Call
from dure.calls.promises import currency_of, find_part, parts_of
from dure.calls.shares.inquiries import inquiries_by
from dure.calls.shares.models import Inquiry
from dure.calls.shares.statements import (
    CallStatement,
    Statement,
    contributors_of,
    settled_for_good,
    statement_of,
)
from dure.calls.tasks.pay import count_paid
from dure.calls.texts import Words
from dure.doors.files.cells import defuse
from dure.doors.wording.funding import spell
from dure.doors.wording.saying import (
    read_text,
    spell_day,
    spell_money,
    spell_number,
    spell_promise,
)
from dure.ledger.money import Money
from dure.people.models import Person

COLUMNS = (
    "call", "organisation", "currency", "answers", "for_answers", "shared_equally",
    "shared_by_value", "paid", "owed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """All that a person's statement is told from, read with a fixed number of queries."""

    statement: Statement
    n_paid: dict[int, int]
    revealed: set[int]
    settled: set[int]
    inquiries: dict[int, list[Inquiry]]


@dataclass(frozen=True, slots=True)
class ReplyShown:
    text: str
    day: str
    mended_by: str


@dataclass(frozen=True, slots=True)
class InquiryShown:
    id: int
    # None: the words were erased.
    text: str | None
    day: str
    replies: list[ReplyShown]


@dataclass(frozen=True, slots=True)
class Earned:
    """A call as the statement shows it."""

    slug: str
    title: Words
    organisation: str
    is_paid: bool
    total: str
    sentences: list[str]
    settlements: list[str]
    paid: str
    owed: str
    pay_address: str
    inquiries: list[InquiryShown] = field(default_factory=list)
    # Made here and not when it is sent, so that a question sent twice is one question.
    request_key: str = ""


@dataclass(frozen=True, slots=True)
class StatementShown:
    owed: list[str]
    paid: list[str]
    calls: list[Earned]


def read_statement(person: Person, *, first: Call | None = None) -> Read:
    """A person's statement; a call that is to stand first is in it even if it brought nothing."""
    statement = statement_of(person=person)
    mine = contributors_of(person)
    if first is not None:
        here = [one for one in statement.calls if one.call.pk == first.pk]
        others = [one for one in statement.calls if one.call.pk != first.pk]
        here = here or [_nothing_yet(first, mine.get(first.pk, []))]
        statement = Statement([*here, *others], statement.owed)
    calls = [one.call for one in statement.calls]
    ids = [one for contributors in mine.values() for one in contributors]
    inquiries: dict[int, list[Inquiry]] = {}
    for inquiry in inquiries_by(contributor_ids=ids):
        inquiries.setdefault(inquiry.call_id, []).append(inquiry)
    return Read(
        statement=statement,
        n_paid=count_paid(contributor_ids=ids),
        revealed=find_revealed(calls),
        settled=settled_for_good(call.pk for call in calls),
        inquiries=inquiries,
    )


def show_statement(read: Read) -> StatementShown:
    paid: dict[str, int] = {}
    for one in read.statement.calls:
        paid[one.currency] = paid.get(one.currency, 0) + one.paid.amount_minor
    return StatementShown(
        owed=[spell(money) for money in read.statement.owed],
        paid=[spell_money(n, currency) for currency, n in sorted(paid.items()) if n],
        calls=[_show(one, read) for one in read.statement.calls],
    )


def write_rows(read: Read) -> Iterator[tuple[str, ...]]:
    """The statement as a table, amounts in the larger unit, a point before its decimals."""
    yield COLUMNS
    for one in read.statement.calls:
        amounts = (
            one.by_answers, _sum(line.base for line in one.shares),
            _sum(line.value for line in one.shares), one.paid, one.balance,
        )  # fmt: skip
        yield (
            defuse(str(read_text(one.call.title, own=one.call.language))),
            defuse(one.call.organisation.name),
            one.currency,
            str(read.n_paid.get(one.call.pk, 0)),
            *(_plain(money or Money(0, one.currency)) for money in amounts),
        )


def _show(one: CallStatement, read: Read) -> Earned:
    call = one.call
    return Earned(
        slug=call.slug,
        title=read_text(call.title, own=call.language),
        organisation=call.organisation.name,
        is_paid=bool(parts_of(call.promise)),
        total=spell(one.by_answers + one.by_shares),
        sentences=list(_tell(one, read)) or [_nothing_so_far(call)],
        settlements=[
            _spell_settlement(
                number=line.number,
                day=spell_day(line.at),
                money=spell(line.base + line.value),
                is_taken_back=line.is_taken_back,
            )
            for line in one.shares
        ],
        paid=spell(one.paid) if one.paid.amount_minor else "",
        owed=spell(one.balance),
        pay_address=_pay_address(call.slug),
        inquiries=[_show_inquiry(inquiry) for inquiry in read.inquiries.get(call.pk, [])],
        request_key=str(uuid4()),
    )


def _tell(one: CallStatement, read: Read) -> Iterator[str]:
    call = one.call
    n_paid = read.n_paid.get(call.pk, 0)
    if n_paid:
        yield _tell_answers(one, n_paid)
    if one.shares:
        yield from _tell_shares(one, is_revealed=call.pk in read.revealed)
        if call.pk not in read.settled and _waits_for_checks(one):
            yield _("Some waits until more of your answers are checked.")
        if one.by_shares != _sum(line.base + line.value for line in one.shares):
            yield _("The last of it is being booked just now; please look again in a minute.")
    elif not n_paid:
        yield _nothing_so_far(call)


def _tell_answers(one: CallStatement, n_paid: int) -> str:
    part = find_part(one.call.promise, "per_answer")
    facts = {"n": spell_number(n_paid), "money": spell(one.by_answers)}
    counted = (
        ngettext("%(n)s of your answers counts.", "%(n)s of your answers count.", n_paid) % facts
    )
    # What an answer earns may have been bettered meanwhile; then there is no one price to tell.
    if part is not None and part["amount_minor"] * n_paid == one.by_answers.amount_minor:
        each = spell_money(part["amount_minor"], one.currency)
        return f"{counted} " + _("%(each)s each: %(money)s.") % {**facts, "each": each}
    return f"{counted} " + _("For them: %(money)s.") % facts


def _tell_shares(one: CallStatement, *, is_revealed: bool) -> Iterator[str]:
    base = _sum(line.base for line in one.shares)
    value = _sum(line.value for line in one.shares if line.is_useful)
    alike = _sum(line.value for line in one.shares if not line.is_useful)
    last = one.shares[-1]
    if base is not None and base.amount_minor:
        yield _("From what is shared among all: %(money)s because every answer gets a part.") % {
            "money": spell(base)
        }
    if value is not None and value.amount_minor:
        yield _tell_useful(spell(value), n_checked=last.checked if is_revealed else None)
    if alike is not None and alike.amount_minor:
        yield _(
            "%(money)s from the part for useful answers: too little could be checked, so all "
            "answers got the same of it."
        ) % {"money": spell(alike)}
    is_plain = not any(line.value.amount_minor for line in one.shares)
    if is_plain and is_revealed and last.has_enough_checked and _pays_by_value(one.call):
        yield _(
            "Nothing came on top: where we could check your answers, it can't be told that they "
            "were better than guesses."
        )


def _tell_useful(money: str, *, n_checked: int | None) -> str:
    """How many were checked is told late: it would tell which tasks have a known truth."""
    if n_checked is None:
        return _("%(money)s because your answers proved useful where we could check them.") % {
            "money": money
        }
    return ngettext(
        "%(money)s because your answers proved useful where we could check them (%(n)s checked).",
        "%(money)s because your answers proved useful where we could check them (%(n)s checked).",
        n_checked,
    ) % {"money": money, "n": spell_number(n_checked)}


def _waits_for_checks(one: CallStatement) -> bool:
    return _pays_by_value(one.call) and not one.shares[-1].has_enough_checked


def _pays_by_value(call: Call) -> bool:
    return any(part.get("base_percent", 100) < 100 for part in parts_of(call.promise))


def _nothing_so_far(call: Call) -> str:
    if not parts_of(call.promise):
        return spell_promise(call.promise)
    return _("Nothing of yours is counted here yet. Answers are counted a little after they come.")


def _spell_settlement(*, number: int, day: str, money: str, is_taken_back: bool) -> str:
    facts = {"number": number, "day": day, "money": money}
    if is_taken_back:
        return _("Settlement %(number)s of %(day)s took back: %(money)s") % facts
    return _("Settlement %(number)s of %(day)s: %(money)s") % facts


def _show_inquiry(inquiry: Inquiry) -> InquiryShown:
    return InquiryShown(
        id=inquiry.pk,
        text=inquiry.text,
        day=spell_day(inquiry.at),
        replies=[
            ReplyShown(
                text=reply.text,
                day=spell_day(reply.at),
                mended_by=_("It is mended by settlement %(number)s.")
                % {"number": reply.settlement.number}
                if reply.settlement is not None
                else "",
            )
            for reply in inquiry.replies.all()
        ],
    )


def _pay_address(slug: str) -> str:
    """Where bank details are given, if this installation pays out."""
    try:
        return reverse("keep-pay", args=[slug])
    except NoReverseMatch:
        return ""


def _nothing_yet(call: Call, contributor_ids: list[int]) -> CallStatement:
    none = Money(0, currency_of(call.promise) or "KRW")
    return CallStatement(
        call=call,
        contributor_ids=contributor_ids,
        currency=none.currency,
        by_answers=none,
        by_shares=none,
        paid=none,
        balance=none,
    )


def _sum(amounts: Iterable[Money]) -> Money | None:
    total: Money | None = None
    for money in amounts:
        total = money if total is None else total + money
    return total


def _plain(money: Money) -> str:
    digits = get_currency_precision(money.currency)
    return f"{Decimal(money.amount_minor).scaleb(-digits):.{digits}f}"
