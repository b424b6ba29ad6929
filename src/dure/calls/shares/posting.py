"""Approved settlements become ledger transactions, in batches that are each posted once."""

from __future__ import annotations

from django.db import connection, transaction

from dure.calls.shares.models import Settlement
from dure.calls.shares.moving import any_below_zero, contributor_owner, pot_owner
from dure.clock import now
from dure.errors import WrongState
from dure.ledger.journal import Leg, post, take_turn
from dure.ledger.models import Purpose
from dure.ledger.money import Money

SHARES_PER_BATCH = 5_000
# Fifty million people are the most that one settlement reaches.
BATCHES_MAX = 10_000

REASON_CODES = {
    Settlement.Kind.SHARE: "settled",
    Settlement.Kind.TAKE_BACK: "settlement-taken-back",
}


class PaidOutAlready(WrongState):
    """Somebody was paid out of this settlement already, so it can't be taken back as a whole."""

    code = "paid-out-already"


def post_settlement(settlement_id: int) -> int:
    """How many shares were posted now; each batch is a transaction that a later run finds done."""
    settlement = Settlement.objects.get(pk=settlement_id)
    if settlement.approved_at is None or settlement.posted_at is not None:
        return 0
    posted, after = 0, 0
    for number in range(1, BATCHES_MAX + 1):
        with transaction.atomic():
            batch = _read_batch(settlement, after=after)
            if not batch:
                Settlement.objects.filter(pk=settlement_id, posted_at=None).update(posted_at=now())
                break
            _post_batch(settlement, number=number, batch=batch)
        posted += len(batch)
        after = batch[-1][0]
    return posted


def post_at_once(settlement: Settlement) -> None:
    """All batches in the caller's transaction, so that nobody is paid out in between."""
    take_turn()
    after = 0
    for number in range(1, BATCHES_MAX + 1):
        batch = _read_batch(settlement, after=after)
        if not batch:
            break
        owners = [contributor_owner(call_id=settlement.call_id, contributor_id=contributor)
                  for contributor, _amount in batch]  # fmt: skip
        _post_batch(settlement, number=number, batch=batch)
        if any_below_zero(owners):
            raise PaidOutAlready
        after = batch[-1][0]
    settlement.posted_at = now()
    settlement.save(update_fields=["posted_at"])


def _read_batch(settlement: Settlement, *, after: int) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select contributor_id, amount_minor from shares_to_post(%s, %s, %s)",
            [settlement.pk, after, SHARES_PER_BATCH],
        )
        return list(cursor.fetchall())


def _post_batch(settlement: Settlement, *, number: int, batch: list[tuple[int, int]]) -> None:
    total = sum(amount for _contributor, amount in batch)
    facts: dict[str, object] = {
        "call": settlement.call_id,
        "settlement": settlement.number,
        "digest": bytes(settlement.digest).hex(),
    }
    if settlement.corrects_id is not None:
        facts["corrects"] = f"settle:{settlement.corrects_id}:{number}"
    to_contributors = [
        Leg(
            contributor_owner(call_id=settlement.call_id, contributor_id=contributor),
            Purpose.OWED_TO,
            Money(amount, settlement.currency),
        )
        for contributor, amount in batch
    ]
    post(
        key=f"settle:{settlement.pk}:{number}",
        reason=REASON_CODES[Settlement.Kind(settlement.kind)],
        entries=[
            *to_contributors,
            Leg(pot_owner(settlement.call_id), Purpose.OWED_TO, Money(-total, settlement.currency)),
        ],
        facts=facts,
    )
