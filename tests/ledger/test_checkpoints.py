from __future__ import annotations

from threading import Event, Thread

import pytest
from django.db import connections
from django.db.models import Sum

from dure.ledger import jobs
from dure.ledger.checkpoints import checkpoint_accounts
from dure.ledger.models import Checkpoint, Entry, LedgerAccount
from dure.ledger.queries import balance, trial_balance
from dure.ledger.verifying import verify
from tests.ledger.posting import post_in_threads, post_pair


def noted() -> dict[str, int]:
    return dict(Checkpoint.objects.values_list("account__owner", "balance_minor"))


@pytest.mark.usefixtures("live_db")
def test_accounts_with_more_entries_than_the_least_are_noted() -> None:
    for n in range(3):
        post_pair(f"k{n}", to=f"contributor:5:{n}")

    assert checkpoint_accounts(entries_min=3) == 0
    assert checkpoint_accounts(entries_min=2) == 1
    assert noted() == {"call:5": -150}
    # Only what was touched since is looked at.
    assert checkpoint_accounts(entries_min=0) == 0
    post_pair("k3", to="contributor:5:0")
    assert checkpoint_accounts(entries_min=0) == 2
    assert noted() == {"call:5": -200, "contributor:5:0": 100}


@pytest.mark.usefixtures("live_db")
def test_entries_that_came_in_small_numbers_are_noted_in_the_end() -> None:
    for n in range(4):
        post_pair(f"k{n}", to="contributor:5:1", by=f"call:{n}")
        checkpoint_accounts(entries_min=2)

    assert noted() == {"contributor:5:1": 150}
    [account] = LedgerAccount.objects.filter(owner="contributor:5:1")
    assert balance(account).amount_minor == 200


@pytest.mark.usefixtures("live_db")
def test_job_notes_busy_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dure.ledger.checkpoints.ENTRIES_MIN", 1)
    post_pair("k")
    seen = []
    monkeypatch.setattr("dure.ledger.checkpoints.checkpoint_accounts", lambda: seen.append("noted"))

    jobs.checkpoint_accounts(timestamp=0)

    assert seen == ["noted"]


@pytest.mark.usefixtures("live_db")
def test_balances_are_exact_while_others_post_and_accounts_are_noted() -> None:
    post_pair("first")
    over = Event()
    wrong: list[tuple[int, int]] = []
    runs = [0]

    def note_and_look() -> None:
        try:
            while not over.is_set():
                runs[0] += checkpoint_accounts(entries_min=0)
                standing = trial_balance()
                if total := sum(one.balance.amount_minor for one in standing):
                    wrong.append((runs[0], total))
        finally:
            connections.close_all()

    watchers = [Thread(target=note_and_look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    post_in_threads([f"k{n}" for n in range(200)], threads=6, amount_minor=7)
    over.set()
    for watcher in watchers:
        watcher.join()

    assert wrong == []
    assert runs[0] > 2
    assert verify().fault is None
    for account in LedgerAccount.objects.all():
        total = Entry.objects.filter(account=account).aggregate(n=Sum("amount_minor"))["n"]
        assert balance(account).amount_minor == total
