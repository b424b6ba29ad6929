"""The ledger with ten million entries: a busy account's balance, and the proof of everything.

Transactions of 10,000 entries, each committed by itself with every trigger active: half of the
entries are on one call's account, half on those of 50,000 contributors. The balance of the call's
account is asked a hundred times after three to warm up, before it is noted and after, when 10,000
entries more were posted. Verifying reads every row and makes every hash again; its memory is this
process's own, sampled each 20 ms. Run it by `dure bench ledger`; it fills about 3 GB for some
minutes, less with fewer entries: `DURE_BENCH_ENTRIES=2000000 dure bench ledger`.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ENTRIES = int(os.environ.get("DURE_BENCH_ENTRIES", "10000000"))
PER_TRANSACTION, CONTRIBUTORS = 10_000, 50_000
WARM, TIMES = 3, 100
SAMPLE_SECONDS = 0.02
MILLISECONDS = 1000
OPEN = """
insert into ledger_ledgeraccount (owner, purpose, currency)
select 'contributor:1:' || n, 'owed_to', 'KRW' from generate_series(1, %(people)s) n;
insert into ledger_ledgeraccount (owner, purpose, currency) values ('call:1', 'owed_by', 'KRW');
create temp table who as select row_number() over (order by id) - 1 as place, id
from ledger_ledgeraccount where purpose = 'owed_to';
create unique index on who (place);
"""
HEAD = """
insert into ledger_transaction (key, reason, at, facts, n_entries)
values ('bench ' || %(n)s, 'answers-counted', now(), '{"accruals": 5000}', %(each)s) returning id
"""
BODY = """
insert into ledger_entry (transaction_id, place, account_id, amount_minor, currency)
select %(made)s, k, case when k %% 2 = 0 then %(call)s else (
    select id from who where place = (%(n)s * (%(each)s::bigint / 2) + k / 2) %% %(people)s
) end, case when k %% 2 = 0 then -50 else 50 end, 'KRW'
from generate_series(1, %(each)s) k
"""


def run() -> dict[str, float]:
    """Seconds, milliseconds, MB (10^6 bytes); `balance_ratio` is without over with checkpoint."""
    sys.path.insert(0, str(Path(__file__).parent))
    with tempfile.TemporaryDirectory(prefix="dure-bench-") as folder:
        os.environ["DURE_DATA"] = folder
        from dure.doors.cli.opening import open_platform

        with open_platform():
            from dure import postgres

            with postgres.connect("owner") as owner:
                return _measure(owner)


def _measure(owner: Any) -> dict[str, float]:
    from _memory import extra_bytes

    from dure.ledger.checkpoints import checkpoint_accounts
    from dure.ledger.models import LedgerAccount
    from dure.ledger.queries import Owners, trial_balance
    from dure.ledger.verifying import verify

    n_transactions = ENTRIES // PER_TRANSACTION
    owner.cursor().execute(_filled_in(owner, OPEN, {"people": CONTRIBUTORS}))
    busiest = LedgerAccount.objects.get(owner="call:1")
    filling = _seconds(lambda: [_post(owner, n, busiest.pk) for n in range(n_transactions)])
    owner.execute("vacuum analyze")
    without = _balance_ms(busiest)
    noting = _seconds(checkpoint_accounts)
    _post(owner, n_transactions, busiest.pk)
    noted = _balance_ms(busiest)
    page = Owners(frozenset({"call:1"}), frozenset({"contributor:1:"}))
    trial = _seconds(lambda: trial_balance(owners=page))
    started = time.perf_counter()
    extra, proof = extra_bytes(verify, sample_seconds=SAMPLE_SECONDS)
    verifying = time.perf_counter() - started
    assert proof.is_sound, proof.fault
    return {
        "entries": proof.n_entries,
        "post_entries_per_s": ENTRIES / filling,
        "balance_ms_without": without,
        "balance_ms_noted": noted,
        "balance_ratio": without / noted,
        "trial_balance_s": trial,
        "checkpoint_s": noting,
        "verify_s": verifying,
        "verify_entries_per_s": proof.n_entries / verifying,
        "verify_extra_mb": extra / 1e6,
    }


def _post(owner: Any, n: int, call: int) -> None:
    facts = {"n": n, "each": PER_TRANSACTION, "people": CONTRIBUTORS, "call": call}
    with owner.transaction():
        [made] = owner.execute(HEAD, facts).fetchone()
        owner.execute(BODY, {**facts, "made": made})


def _filled_in(owner: Any, statements: str, facts: dict[str, int]) -> str:
    """Several statements at once take no parameters from the server's side."""
    from psycopg import ClientCursor

    return str(ClientCursor(owner).mogrify(statements, facts))


def _balance_ms(account: Any) -> float:
    from dure.ledger.queries import balance

    taken = [_seconds(lambda: balance(account)) for _ in range(WARM + TIMES)]
    return statistics.median(taken[WARM:]) * MILLISECONDS


def _seconds(act: Any) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
