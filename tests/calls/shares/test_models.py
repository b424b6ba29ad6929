"""Direct SQL, as each of the three database roles, does not change what money rests on."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from dure import postgres
from dure.calls.life import close_call
from dure.calls.settling import propose_settlement
from dure.calls.shares.gains import record_gain
from dure.calls.shares.models import Settlement
from dure.calls.shares.paying_in import pay_in
from dure.calls.shares.settlements import approve_settlement
from dure.ledger.money import Money
from tests.calls.test_settling import POOL, YEAR, answered_call

TABLES = (
    "shares_promiseversion", "shares_payin", "shares_gain", "shares_settlement",
    "shares_settlementshare",
)  # fmt: skip
ATTACKS = (
    "update shares_gain set amount_minor = amount_minor * 2",
    "update shares_promiseversion set promise = '{}'",
    "update shares_payin set amount_minor = 1",
    "update shares_settlement set base_minor = base_minor + 1",
    "update shares_settlement set approved_by = 'account:9'",
    "update shares_settlementshare set value_minor = value_minor + 1",
    *(f"delete from {table}" for table in TABLES),
    *(f"truncate {table} cascade" for table in TABLES),
)
REFUSED = (errors.RestrictViolation, errors.InsufficientPrivilege)


@pytest.fixture
def settled(live_db: str) -> Settlement:
    call = answered_call(promise=POOL, people="rg")
    pay_in(call=call, money=Money(5, "KRW"), note="", by="account:1", request_key="a")
    record_gain(call=call, money=Money(5, "KRW"), period=YEAR, note="", by="account:1",
                request_key="a")  # fmt: skip
    close_call(call=call, by="account:1")
    made = propose_settlement(call=call, by="account:1", is_last=True)
    return approve_settlement(settlement=made, by="account:2")


def test_no_role_rewrites_what_was_promised_gained_or_shared(settled: Settlement) -> None:
    for role in postgres.ROLES:
        with postgres.connect(role) as connection:
            for attack in ATTACKS:
                with pytest.raises(REFUSED):
                    connection.execute(attack)


def test_no_share_is_added_to_what_was_approved(settled: Settlement) -> None:
    more = (
        "insert into shares_settlementshare (settlement_id, contributor_id, counted, checked,"
        " mean_nano, error_nano, base_minor, value_minor) select settlement_id,"
        " contributor_id + 1000, counted, checked, mean_nano, error_nano, 1, 0"
        " from shares_settlementshare limit 1"
    )
    for role in postgres.ROLES:
        with postgres.connect(role) as connection, pytest.raises(REFUSED):
            connection.execute(more)


def test_shares_that_do_not_add_up_are_not_approved(live_db: str) -> None:
    call = answered_call(promise=POOL, people="rg")
    close_call(call=call, by="account:1")
    made = propose_settlement(call=call, by="account:1", is_last=True)
    with postgres.connect("app") as app:
        app.execute(
            "insert into shares_settlementshare (settlement_id, contributor_id, counted, checked,"
            " mean_nano, error_nano, base_minor, value_minor)"
            " values (%s, 999999999, 0, 0, 0, 0, 1, 0)",
            [made.pk],
        )
        with pytest.raises(psycopg.errors.CheckViolation):
            app.execute(
                "update shares_settlement set approved_at = now(), approved_by = 'account:9'"
            )
