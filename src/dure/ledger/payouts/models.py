"""Rows of payouts: what was said stays, and what became of it is filled in once."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

REASON_LETTERS_MAX = 200


def _by_somebody(deed: str) -> Q:
    """A moment and who it was are known together, or neither is."""
    return Q(**{f"{deed}_at": None, f"{deed}_by": None}) | Q(
        **{f"{deed}_at__isnull": False, f"{deed}_by__isnull": False}
    )


class PayoutBatch(models.Model):
    """Payouts that are decided together: made by one member, released by another."""

    owner = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    # How it is paid: the name of a provider.
    way = models.CharField(max_length=20)
    # Whoever sends a form twice made one batch.
    request_key = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=120, null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=120, null=True)
    # The layout of its files and who pays, as they were when it was released.
    printed = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "request_key", name="one_batch_per_request"),
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("made_by")),
                name="batch_is_released_by_another",
            ),
            models.CheckConstraint(
                condition=_by_somebody("released"), name="batch_is_released_by_somebody"
            ),
            models.CheckConstraint(
                condition=_by_somebody("cancelled"), name="batch_is_cancelled_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(cancelled_at=None),
                name="released_batch_is_not_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk} of {self.owner}"


class Payout(models.Model):
    """What one payee gets; its reference stands in the bank's line."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="payouts")
    payee = models.CharField(max_length=120)
    reference = models.CharField(max_length=12, unique=True)
    gross_minor = models.BigIntegerField()
    withheld_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    paid_at = models.DateTimeField(null=True)
    paid_by = models.CharField(max_length=120, null=True)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.CharField(max_length=120, null=True)
    return_reason = models.CharField(max_length=REASON_LETTERS_MAX, null=True)
    # Taken out of its batch before it was paid: the money stays owed.
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.CharField(max_length=120, null=True)
    drop_reason = models.CharField(max_length=REASON_LETTERS_MAX, null=True)
    # When it was forgotten where it went.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("batch", "payee", name="one_payout_per_payee_of_a_batch"),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("withheld_minor")),
                name="gross_is_net_and_withheld",
            ),
            models.CheckConstraint(
                condition=Q(net_minor__gt=0, withheld_minor__gte=0), name="payout_pays_something"
            ),
            models.CheckConstraint(condition=_by_somebody("paid"), name="paid_by_somebody"),
            models.CheckConstraint(condition=_by_somebody("returned"), name="returned_by_somebody"),
            models.CheckConstraint(condition=_by_somebody("dropped"), name="dropped_by_somebody"),
            models.CheckConstraint(
                condition=Q(returned_at=None) | Q(paid_at__isnull=False),
                name="only_what_was_paid_returns",
            ),
            models.CheckConstraint(
                condition=Q(paid_at=None) | Q(dropped_at=None), name="dropped_payout_is_not_paid"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class PayoutDestination(models.Model):
    """Where a payout goes: personal, and erased when it has served."""

    payout = models.OneToOneField(
        Payout, models.PROTECT, primary_key=True, related_name="destination"
    )
    details = models.JSONField()

    def __str__(self) -> str:
        return f"destination of {self.payout_id}"


class PayoutSource(models.Model):
    """The account that a part of a payout is taken from, and whose custody it leaves."""

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="sources")
    owner = models.CharField(max_length=120)
    holder = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    # When its payout was paid, dropped or cancelled: the account may then be a source again.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "currency"],
                condition=Q(ended_at=None),
                name="one_payout_on_its_way_per_source",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="source_gives_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} of {self.owner}"


class WithholdingRule(models.Model):
    """What is kept back for an office; a rule is ended and followed by another, never changed."""

    owner = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    name = models.CharField(max_length=40)
    basis_points = models.IntegerField()
    # Payouts up to this keep everything.
    above_minor = models.BigIntegerField()
    # What is withheld is rounded down to whole ones of these, such as 10 won.
    unit_minor = models.BigIntegerField()
    since = models.DateTimeField()
    by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "country", "currency", "name"],
                condition=Q(ended_at=None),
                name="one_rule_in_force_per_name",
            ),
            models.CheckConstraint(
                condition=Q(basis_points__gte=1, basis_points__lte=9_000),
                name="rule_withholds_a_part",
            ),
            models.CheckConstraint(
                condition=Q(above_minor__gte=0, unit_minor__gte=1), name="rule_has_sane_amounts"
            ),
            models.CheckConstraint(condition=_by_somebody("ended"), name="rule_ended_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.country}"


class PayoutWithheld(models.Model):
    """What of a source was withheld by a rule, and with which transaction it went to the office."""

    source = models.ForeignKey(PayoutSource, models.PROTECT, related_name="withheld")
    rule = models.ForeignKey(WithholdingRule, models.PROTECT, related_name="withheld")
    amount_minor = models.BigIntegerField()
    remitted_as = models.CharField(max_length=80, null=True)
    # It was remitted, and then its payout came back: the remittance that was less by it.
    offset_as = models.CharField(max_length=80, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("source", "rule", name="one_part_per_rule_of_a_source"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="withheld_is_something"),
            models.CheckConstraint(
                condition=Q(offset_as=None) | Q(remitted_as__isnull=False),
                name="only_what_was_remitted_is_offset",
            ),
        ]
        indexes = [
            models.Index(
                fields=["rule"],
                condition=Q(remitted_as=None) | Q(offset_as=None),
                name="withheld_to_be_remitted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} of source {self.source_id}"


class PayoutRule(models.Model):
    """From how much on somebody is paid; below it their money waits."""

    owner = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    threshold_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "currency", name="one_threshold_per_currency"),
            models.CheckConstraint(
                condition=Q(threshold_minor__gte=0), name="threshold_is_not_below_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} from {self.threshold_minor} {self.currency}"


class PayoutLayout(models.Model):
    """What an owner's files for the bank look like, and the account that pays."""

    owner = models.CharField(max_length=120, unique=True)
    sheet = models.JSONField(default=dict)
    payer = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"layout of {self.owner}"
