from __future__ import annotations

import pytest

from dure.calls.shares import posting
from dure.calls.tasks import pay
from dure.doors.wording.books import ACCOUNTS, REASONS, spell_account, spell_reason
from dure.ledger.models import Purpose

POSTED_BY_NAME = {
    "fee", "gain-recorded", "paid-back", "paid-in", "paid-out", "payout-returned", "pool-owed",
    "promise-bettered", "withheld-remitted",
}  # fmt: skip


def test_every_reason_that_is_posted_has_words() -> None:
    by_code = {*pay.REASON_CODES.values(), *posting.REASON_CODES.values()}
    assert by_code | POSTED_BY_NAME <= set(REASONS)
    assert spell_reason("fee") == "A fee"
    assert spell_reason("of-another-time") == "of-another-time"


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_words(purpose: Purpose) -> None:
    assert purpose in {known for _kind, known in ACCOUNTS}
    assert spell_account("somebody", purpose) == str(purpose.label)
