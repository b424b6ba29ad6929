"""Short ways to post, and straight SQL against the journal."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
from django.db import connection, connections

from dure.ledger.journal import Leg, post
from dure.ledger.models import Purpose, Transaction
from dure.ledger.money import Money


def leg(owner: str, amount_minor: int, currency: str = "KRW") -> Leg:
    purpose = Purpose.OWED_TO if amount_minor > 0 else Purpose.OWED_BY
    return Leg(owner=owner, purpose=purpose, money=Money(amount_minor, currency))


def post_pair(
    key: str,
    amount_minor: int = 50,
    *,
    to: str = "contributor:5:1",
    by: str = "call:5",
    currency: str = "KRW",
    **stated: Any,
) -> Transaction:
    legs = [leg(to, amount_minor, currency), leg(by, -amount_minor, currency)]
    return post(key=key, reason="test", entries=legs, **stated)


def post_in_threads(keys: Sequence[str], *, threads: int, **pair: Any) -> None:
    """Each thread posts its share of the keys, all at once."""
    barrier = Barrier(threads)

    def run(share: Sequence[str]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            for key in share:
                post_pair(key, **pair)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, [keys[n::threads] for n in range(threads)]))


def insert_transaction(
    connection: psycopg.Connection[Any], *, key: str, amounts: Sequence[int], given_id: int = 0
) -> int:
    """By straight SQL, its entries on the accounts of the first transaction."""
    accounts = [
        row[0]
        for row in connection.execute("select account_id from ledger_entry order by 1 limit 2")
    ]
    [made] = connection.execute(
        "insert into ledger_transaction (id, key, reason, at, facts, n_entries)"
        " values (coalesce(nullif(%s, 0), nextval('ledger_transaction_id_seq')),"
        " %s, 'test', now(), '{}', %s) returning id",
        [given_id, key, len(amounts)],
    ).fetchone() or [0]
    for place, amount in enumerate(amounts, start=1):
        connection.execute(
            "insert into ledger_entry (transaction_id, place, account_id, amount_minor, currency)"
            " values (%s, %s, %s, %s, 'KRW')",
            [made, place, accounts[place % 2], amount],
        )
    return int(made)
