"""What of a call's promise is there already and what is only promised, told to everybody."""

from __future__ import annotations

from typing import Any

from django.core.cache import caches
from django.utils.translation import gettext as _

from dure.calls.finding import is_revealed
from dure.calls.models import Call
from dure.calls.promises import find_part, parts_of
from dure.calls.shares.overdue import Overdue
from dure.calls.shares.promising import Report
from dure.calls.shares.statements import PublicSums, sums_of
from dure.doors.wording.saying import spell_date, spell_money
from dure.ledger.money import Money

# The sums are the same for everyone, and are asked for when word goes round.
CACHED_SECONDS = 10


def read_sums(call_id: int, *, promise: dict[str, Any]) -> PublicSums | None:
    """A call's sums, a few seconds old at most; None where no money is promised."""
    if not parts_of(promise):
        return None
    place = f"sums-{call_id}"
    cache = caches["here"]
    sums: PublicSums | None = cache.get(place)
    if sums is None:
        sums = sums_of(Call.objects.get(pk=call_id))
        cache.set(place, sums, CACHED_SECONDS)
    return sums


def may_tell_earned(call: Call) -> bool:
    """Whether the sum of what people earned may be known to everybody.

    With a fixed pay for each answer it tells how many answers there are, to the one; while they
    are sealed nobody is told that more finely than in tenths. Shares move when an organiser
    settles, and tell nothing of the kind.
    """
    return find_part(call.promise, "per_answer") is None or is_revealed(call)


def spell_funding(sums: PublicSums) -> list[str]:
    """A sentence on what is paid in, and one on each thing that is overdue."""
    return [spell_paid_in(sums), *spell_overdue(sums)]


def spell_paid_in(sums: PublicSums) -> str:
    if sums.paid_in.amount_minor <= 0:
        return _("It is promised, and nothing is paid in yet.")
    if sums.pool is None or len(parts_of(sums.promise)) > 1:
        return _("%(money)s is paid in for it already.") % {"money": spell(sums.paid_in)}
    if sums.paid_in.amount_minor >= sums.pool.amount_minor:
        return _("All of it is there already.")
    return _("%(money)s of %(all)s is there already.") % {
        "money": spell(sums.paid_in),
        "all": spell(sums.pool),
    }


def spell_overdue(sums: PublicSums | Overdue) -> list[str]:
    late = [spell_late_report(report) for report in sums.overdue_reports]
    return [*late, spell_late_settlement()] if sums.is_settlement_overdue else late


def spell_late_report(report: Report) -> str:
    return _("What it earned up to %(up_to)s was to be reported by %(due)s; that is overdue.") % {
        "up_to": spell_date(report.up_to),
        "due": spell_date(report.due),
    }


def spell_late_settlement() -> str:
    return _("Sharing out the promised sum is overdue.")


def spell(money: Money) -> str:
    return spell_money(money.amount_minor, money.currency)
