"""What stands in batches of payouts."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet, Sum

from dure.ledger.payouts.models import Payout, PayoutBatch

# In a batch that was neither cancelled nor lost them before.
IN_IT = Q(payouts__dropped_at=None)
WAITING = Q(paid_at=None, dropped_at=None)


def batches_of(owner: str) -> QuerySet[PayoutBatch]:
    """With how many payouts each has, their sums, and what became of them; the newest first."""
    return (
        PayoutBatch.objects.filter(owner=owner)
        .annotate(
            n=Count("payouts", filter=IN_IT),
            gross_minor=Sum("payouts__gross_minor", filter=IN_IT, default=0),
            withheld_minor=Sum("payouts__withheld_minor", filter=IN_IT, default=0),
            net_minor=Sum("payouts__net_minor", filter=IN_IT, default=0),
            n_paid=Count("payouts", filter=Q(payouts__paid_at__isnull=False)),
            n_returned=Count("payouts", filter=Q(payouts__returned_at__isnull=False)),
            n_dropped=Count("payouts", filter=Q(payouts__dropped_at__isnull=False)),
        )
        .order_by("-pk")
    )


def payouts_of(batch: PayoutBatch) -> QuerySet[Payout]:
    """Each with where it goes, as far as that is still known."""
    return batch.payouts.select_related("destination").order_by("pk")


def ordered_payouts(batch: PayoutBatch) -> QuerySet[Payout]:
    """What the release let go: also what was left out after that, since files had it."""
    return payouts_of(batch).filter(Q(dropped_at=None) | Q(dropped_at__gt=F("batch__released_at")))


def count_waiting(batch: PayoutBatch) -> int:
    return batch.payouts.filter(WAITING).count()
