"""What is promised, paid in, gained and shared; rows are only ever added.

A settlement is proposed with every share in it, and approved or withdrawn as it stands. Amounts are
minor units of its currency.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dure.calls.models import Call
from dure.people.models import Organisation


class PromiseVersion(models.Model):
    """A promise as it was made at a time; a later one is never worse for those who rely on it."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="promise_versions")
    number = models.IntegerField()
    promise = models.JSONField()
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint("call", "number", name="one_promise_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="promises_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"promise {self.number} of call {self.call_id}"


class PayIn(models.Model):
    """Money that an organisation paid in for a call; below zero, what it got back."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="pay_ins")
    # The same request sent again is the same money.
    request_key = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint("call", "request_key", name="one_pay_in_per_request"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="pay_in_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency} for call {self.call_id}"


class Gain(models.Model):
    """What a call earned its organiser in a period; a correction holds the difference."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="gains")
    request_key = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    period_from = models.DateField()
    period_to = models.DateField()
    note = models.CharField(max_length=1000)
    # Where it can be looked up: a report, a receipt.
    evidence = models.CharField(max_length=500)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint("call", "request_key", name="one_gain_per_request"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0) | Q(corrects__isnull=False),
                name="gain_is_not_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")), name="period_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"gain of {self.amount_minor} {self.currency} by call {self.call_id}"


class Settlement(models.Model):
    """Who gets what of a call's money, worked out from contributions up to a mark."""

    class Kind(models.TextChoices):
        SHARE = "share", _("share out")
        TAKE_BACK = "take_back", _("take back")

    call = models.ForeignKey(Call, models.PROTECT, related_name="settlements")
    number = models.IntegerField()
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.SHARE)
    # The one that is taken back.
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    is_last = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)
    # All there is to share so far, and what earlier settlements shared of it.
    pot_minor = models.BigIntegerField()
    before_minor = models.BigIntegerField()
    base_minor = models.BigIntegerField()
    value_minor = models.BigIntegerField()
    people = models.BigIntegerField()
    # Every contribution numbered up to here was seen, and none above.
    seen_up_to = models.BigIntegerField()
    as_of = models.DateTimeField()
    method = models.CharField(max_length=40)
    # What else it was worked out from: the promise's number, the gains, the pots.
    basis = models.JSONField()
    digest = models.BinaryField()
    note = models.CharField(max_length=500)
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=120)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=120, null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=120, null=True)
    # When the last of it was in the ledger.
    posted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("call", "number", name="one_settlement_per_number"),
            models.UniqueConstraint(
                fields=["call"],
                condition=Q(approved_at=None, withdrawn_at=None),
                name="one_proposal_per_call_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(withdrawn_at=None, corrects__isnull=False),
                name="settlement_is_taken_back_once",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None) | Q(withdrawn_at=None),
                name="settlement_is_approved_or_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(posted_at=None) | Q(approved_at__isnull=False),
                name="settlement_is_approved_before_it_is_posted",
            ),
            models.CheckConstraint(
                condition=Q(kind="share", base_minor__gte=0, value_minor__gte=0, corrects=None)
                | Q(kind="take_back", base_minor__lte=0, value_minor__lte=0,
                    corrects__isnull=False),
                name="settlement_shares_out_or_takes_back",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                "call", condition=Q(approved_at__isnull=False, posted_at=None),
                name="settlement_waits_to_be_posted",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"settlement {self.number} of call {self.call_id}"


class SettlementShare(models.Model):
    """What one contributor gets by a settlement, and from what it follows."""

    pk = models.CompositePrimaryKey("settlement_id", "contributor_id")
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="shares", db_index=False
    )
    contributor_id = models.BigIntegerField()
    counted = models.BigIntegerField()
    checked = models.BigIntegerField()
    # Mean value of a checked contribution and its standard error, as in work.Work.
    mean_nano = models.BigIntegerField()
    error_nano = models.BigIntegerField()
    base_minor = models.BigIntegerField()
    value_minor = models.BigIntegerField()

    class Meta:
        indexes = [models.Index("contributor_id", "settlement", name="shares_by_contributor")]

    def __str__(self) -> str:
        return f"share of contributor {self.contributor_id}"


class ApprovalRule(models.Model):
    """Above which amount a settlement needs a second member; the last one of a currency holds."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="approval_rules")
    currency = models.CharField(max_length=3)
    limit_minor = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(limit_minor__gte=0), name="limit_is_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.limit_minor} {self.currency}"


class Inquiry(models.Model):
    """A contributor asks why they got what they got; erasing the words leaves the row."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="inquiries")
    contributor_id = models.BigIntegerField()
    request_key = models.CharField(max_length=200)
    text = models.CharField(max_length=1000, null=True)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "call", "contributor_id", "request_key", name="one_inquiry_per_request"
            ),
            models.CheckConstraint(
                condition=Q(text=None, erased_at__isnull=False)
                | Q(text__isnull=False, erased_at=None),
                name="inquiry_is_there_or_erased",
            ),
        ]

    def __str__(self) -> str:
        return f"inquiry {self.pk}"


class Reply(models.Model):
    """What an organiser answers to an inquiry, perhaps with the settlement that mends it."""

    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="replies")
    text = models.CharField(max_length=1000)
    settlement = models.ForeignKey(Settlement, models.PROTECT, null=True, related_name="replies")
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"reply to inquiry {self.inquiry_id}"
