"""The ledger in words: what an account is for, and why a transaction was posted."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.ledger.models import Purpose

# By the reason code that the journal holds; a row is never changed, so none of these goes away.
REASONS = {
    "answers-counted": _("Answers that count"),
    "answers-withdrawn": _("Answers that ceased to count"),
    "gain-recorded": _("The crowd's part of a gain"),
    "pool-owed": _("The pool of a call that has closed"),
    "promise-bettered": _("A better promise"),
    "settled": _("A settlement"),
    "settlement-taken-back": _("A settlement that was taken back"),
    "paid-in": _("Paid in"),
    "paid-back": _("Paid back to the organisation"),
    "paid-out": _("Paid out"),
    "payout-returned": _("Sent back by the bank"),
    "withheld-remitted": _("Handed over what was withheld"),
    "fee": _("A fee"),
}
# By the kind of owner and the purpose.
ACCOUNTS = {
    ("contributor", Purpose.OWED_TO): _("Owed to contributors"),
    ("pot", Purpose.OWED_TO): _("To be shared out"),
    ("call", Purpose.OWED_BY): _("Owed, and not paid in yet"),
    ("call", Purpose.DEPOSIT): _("Paid in, and not earned yet"),
    ("call", Purpose.HELD): _("Held"),
    ("organisation", Purpose.OWED_BY): _("Owed by the organisation"),
    ("organisation", Purpose.FEE): _("Fees"),
    ("withheld", Purpose.OWED_TO): _("Withheld for an office"),
}


def spell_reason(code: str) -> str:
    return str(REASONS.get(code, code))


def spell_account(kind: str, purpose: Purpose) -> str:
    return str(ACCOUNTS.get((kind, purpose), purpose.label))
