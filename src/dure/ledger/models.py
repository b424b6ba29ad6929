"""The journal's rows, which only grow, and the balances noted beside them.

Amounts have a sign, so that every transaction sums to zero. Above zero is what somebody is owed or
has paid in ahead; below zero is what somebody owes, what is held for them, and what it cost.
What is owed (liability) and what is held (custody) never share an account.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from dure.ledger.payouts import models as payouts  # noqa: F401  Django finds models here alone


class Purpose(models.TextChoices):
    # Liabilities: to contributors and tax offices, and by those who promised.
    OWED_TO = "owed_to", _("owed to")
    OWED_BY = "owed_by", _("owed by")
    # Paid in, and not earned by anybody yet.
    DEPOSIT = "deposit", _("paid in ahead")
    # Custody: what came in, less what went out and fees.
    HELD = "held", _("held for")
    FEE = "fee", _("fees of")


class LedgerAccount(models.Model):
    """One owner's money of one purpose in one currency; who an owner is, is not known here."""

    owner = models.CharField(max_length=120)
    purpose = models.CharField(max_length=10, choices=Purpose)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner", "purpose", "currency", name="one_account_per_owner_purpose_and_currency"
            ),
            # Entries point at both, so that the database compares their currency with this one.
            models.UniqueConstraint(fields=["id", "currency"], name="one_currency_per_account"),
            models.CheckConstraint(condition=~Q(owner=""), name="account_has_an_owner"),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="purpose_is_known"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="currency_is_three_capitals"
            ),
        ]
        # Byte by byte, so that owners whose names begin alike lie beside each other.
        indexes = [models.Index(Collate("owner", "C"), name="accounts_by_owner")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.owner} in {self.currency}"


class Transaction(models.Model):
    """One thing that happened to money. It says how many entries it has, so none is added later."""

    key = models.CharField(max_length=80, unique=True)
    reason = models.CharField(max_length=60)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    n_entries = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(key=""), name="transaction_has_a_key"),
            models.CheckConstraint(condition=~Q(reason=""), name="transaction_has_a_reason"),
            models.CheckConstraint(
                condition=Q(n_entries__gte=2), name="transaction_has_two_entries_or_more"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Entry(models.Model):
    """What a transaction adds to one account; `place` counts from 1 to the number it stated."""

    pk = models.CompositePrimaryKey("transaction_id", "place")
    transaction = models.ForeignKey(
        Transaction, models.PROTECT, related_name="entries", db_index=False
    )
    place = models.IntegerField()
    account = models.ForeignKey(
        LedgerAccount, models.PROTECT, related_name="entries", db_index=False
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(place__gte=1), name="places_count_from_one"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="entry_moves_something"),
        ]
        indexes = [
            # An account's balance and its page are read from this alone.
            models.Index(
                fields=["account", "transaction", "place"],
                include=["amount_minor"],
                name="entries_by_account",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency} for account {self.account_id}"


class Link(models.Model):
    """A transaction's place in the chain: its hash is over the one before it and what it says."""

    transaction = models.OneToOneField(
        Transaction, models.PROTECT, primary_key=True, related_name="link"
    )
    # How many are chained up to this one.
    number = models.BigIntegerField()
    previous = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["previous"], name="one_link_follows_another"),
            models.CheckConstraint(
                condition=Exact(Length("previous"), 32) & Exact(Length("hash"), 32),
                name="hashes_are_of_32_bytes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}:{bytes(self.hash).hex()}"


class Checkpoint(models.Model):
    """What stood in an account after a transaction: only a shorter way to what entries sum to."""

    account = models.OneToOneField(
        LedgerAccount, models.PROTECT, primary_key=True, related_name="checkpoint"
    )
    up_to = models.ForeignKey(Transaction, models.PROTECT, related_name="+")
    balance_minor = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.balance_minor} for account {self.account_id} after {self.up_to_id}"
