from __future__ import annotations

import pytest

from dure.calls.tasks.pay import REASON_CODES
from dure.doors.wording.books import ACCOUNTS, REASONS, spell_account, spell_reason
from dure.ledger.models import Purpose


def test_every_reason_that_is_posted_has_words() -> None:
    assert set(REASON_CODES.values()) <= set(REASONS)
    assert spell_reason("fee") == "A fee"
    assert spell_reason("of-another-time") == "of-another-time"


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_words(purpose: Purpose) -> None:
    assert purpose in {known for _kind, known in ACCOUNTS}
    assert spell_account("somebody", purpose) == str(purpose.label)
