from __future__ import annotations

import pytest

from dure import postgres
from dure.ledger.audit import Miscount, Misplaced, Report, Residual, audit
from dure.ledger.journal import Leg, post
from dure.ledger.models import Purpose
from dure.ledger.money import Money


def post_fifty(key: str) -> int:
    legs = [
        Leg(owner="c1", purpose=Purpose.OWED_TO, money=Money(50, "KRW")),
        Leg(owner="org", purpose=Purpose.OWED_BY, money=Money(-50, "KRW")),
    ]
    return post(key=key, reason="test", entries=legs).pk


@pytest.mark.django_db
def test_a_journal_without_rows_is_sound() -> None:
    assert audit() == Report(0, 0, (), (), ())
    assert audit().is_sound


@pytest.mark.usefixtures("live_db")
def test_every_kind_of_damage_is_found_and_named() -> None:
    """Only the owner of the tables can do such damage, by taking their rules away first."""
    post_fifty("sound")
    damaged = {key: post_fifty(key) for key in ("changed", "padded", "misplaced")}
    with postgres.connect("owner") as connection:
        connection.execute("alter table ledger_entry disable trigger user")
        connection.execute(
            "alter table ledger_entry drop constraint entry_is_in_its_accounts_currency"
        )
        connection.execute(
            "update ledger_entry set amount_minor = 51 where transaction_id = %s and place = 1",
            [damaged["changed"]],
        )
        connection.execute(
            "insert into ledger_entry (transaction_id, place, account_id, amount_minor, currency)"
            " select transaction_id, place + 2, account_id, amount_minor, currency"
            " from ledger_entry where transaction_id = %s",
            [damaged["padded"]],
        )
        connection.execute(
            "update ledger_entry set currency = 'USD' where transaction_id = %s",
            [damaged["misplaced"]],
        )

    report = audit()

    assert not report.is_sound
    assert report == Report(
        n_transactions=4,
        n_entries=10,
        residuals=(Residual("changed", "KRW", 1),),
        miscounts=(Miscount("padded", 2, 4),),
        misplaced=(Misplaced("misplaced", 1), Misplaced("misplaced", 2)),
    )
