"""From a batch's rows to what a page shows of them, and to files for the bank."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from dure.doors.files.bank_files import BankLine, Order, write_pain, write_sheet
from dure.errors import Refusal, Sentence, Unknown
from dure.ledger.payouts.models import Payout, PayoutBatch
from dure.ledger.payouts.paying import NotReleased
from dure.ledger.payouts.queries import ordered_payouts
from dure.people.banks import name_bank

CONTENT_TYPES = {"csv": "text/csv", "xml": "application/xml"}


class FileGone(Refusal):
    """Where some of these payouts went was erased, so the file can't be made again."""

    code = "file-gone"
    status = 409


def print_file(batch: PayoutBatch, *, form: str) -> tuple[bytes, str]:
    """The content and its type."""
    if form not in CONTENT_TYPES:
        raise Unknown
    if batch.released_at is None:
        raise NotReleased
    found = list(ordered_payouts(batch))
    if any(payout.erased_at is not None for payout in found):
        raise FileGone
    printed = batch.printed or {}
    order = Order(
        name=f"DURE-{batch.pk}",
        currency=batch.currency,
        at=batch.released_at,
        payer=printed.get("payer", {}),
        lines=[
            BankLine(
                reference=payout.reference,
                details=payout.destination.details,
                gross_minor=payout.gross_minor,
                withheld_minor=payout.withheld_minor,
                net_minor=payout.net_minor,
            )
            for payout in found
        ],
    )
    sheet = printed.get("sheet", {})
    content = write_sheet(order, sheet) if form == "csv" else write_pain(order)
    return content, CONTENT_TYPES[form]


def describe(payout: Payout) -> dict[str, Any]:
    """One line as the page shows it."""
    details = {} if payout.erased_at is not None else payout.destination.details
    bank = details.get("bank", "")
    if details.get("kind") == "kr_bank":
        bank = name_bank(bank, language=get_language() or "en")
    # Words of Dure's own are translated, those of a member stay as they are.
    why = Sentence(payout.drop_reason) if payout.drop_reason else ""
    return {"payout": payout, "to": details, "bank": bank, "state": state_of(payout), "why": why}


def state_of(payout: Payout) -> str:
    if payout.returned_at is not None:
        return "returned"
    if payout.paid_at is not None:
        return "paid"
    return "left out" if payout.dropped_at is not None else "waiting"
