"""The legs of payouts: what leaves custody, what is owed no more, what had to be paid in first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dure.ledger.journal import Leg, post, take_turn
from dure.ledger.models import Purpose, Transaction
from dure.ledger.money import Money
from dure.ledger.payouts.holding import sums_of, withheld_of
from dure.ledger.payouts.models import Payout, PayoutSource
from dure.ledger.payouts.withholding import office_of


@dataclass(slots=True)
class Custody:
    """What is held for each of some holders, and owed for them, while payouts go out."""

    owner: str
    currency: str
    # Above zero here: what is there and kept for nobody's taxes; what is owed for it.
    free: dict[str, int] = field(default_factory=dict)
    owed: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, *, owner: str, currency: str, holders: Iterable[str]) -> Custody:
        """As it stands until this transaction ends; whoever reads it holds the owner's payouts."""
        take_turn()
        names = sorted(set(holders))
        held = sums_of(names, purpose=Purpose.HELD, currency=currency)
        kept = withheld_of(names, currency=currency)
        owed = sums_of([*names, owner], purpose=Purpose.OWED_BY, currency=currency)
        return cls(
            owner=owner,
            currency=currency,
            free={name: -held.get(name, 0) - kept.get(name, 0) for name in names},
            owed={name: -amount for name, amount in owed.items()},
        )

    def take(self, holder: str, amount_minor: int, *, key: str, by: str) -> None:
        """Let an amount go out of a holder's custody; what is missing is paid in just before."""
        missing = amount_minor - self.free[holder]
        if missing > 0:
            self._pay_in(holder, missing, key=key, by=by)
        self.free[holder] -= amount_minor

    def _pay_in(self, holder: str, amount_minor: int, *, key: str, by: str) -> None:
        """What was owed for the holder is owed no more; then what the owner itself owed."""
        rest = amount_minor
        legs = [Leg(holder, Purpose.HELD, Money(-amount_minor, self.currency))]
        for name in (holder, self.owner):
            if (settled := min(rest, self.owed.get(name, 0))) > 0:
                legs.append(Leg(name, Purpose.OWED_BY, Money(settled, self.currency)))
                self.owed[name] -= settled
                rest -= settled
        if rest:
            legs.append(Leg(holder, Purpose.DEPOSIT, Money(rest, self.currency)))
        post(key=f"paid-in:{key}", reason="paid-in", entries=legs, facts={"for": key, "by": by})
        self.free[holder] += amount_minor


def take_all(sources: Sequence[PayoutSource], *, custody: Custody, key: str, by: str) -> None:
    """Let what these give go out of custody, and pay in once for each holder what is missing."""
    taken: Counter[str] = Counter()
    for source in sources:
        taken[source.holder] += source.amount_minor
    for holder, amount in sorted(taken.items()):
        custody.take(holder, amount, key=f"{key}:{holder}", by=by)


def post_paid(
    payout: Payout, *, sources: Sequence[PayoutSource], owner: str, by: str
) -> Transaction:
    """What the payee was owed went out; what was withheld stays in custody for its office."""
    currency = sources[0].currency
    gone: Counter[str] = Counter()
    kept_for: Counter[str] = Counter()
    legs = []
    for source in sources:
        kept = 0
        for part in source.withheld.all():
            kept_for[office_of(owner, part.rule.name)] += part.amount_minor
            kept += part.amount_minor
        legs.append(
            Leg(source.owner, Purpose.OWED_TO, Money(-source.amount_minor, source.currency))
        )
        gone[source.holder] += source.amount_minor - kept
    legs += [
        Leg(holder, Purpose.HELD, Money(amount, currency))
        for holder, amount in sorted(gone.items())
        if amount
    ]
    legs += [
        Leg(office, Purpose.OWED_TO, Money(amount, currency))
        for office, amount in sorted(kept_for.items())
    ]
    facts = {"batch": payout.batch_id, "payout": payout.reference, "by": by}
    return post(key=paid_key(payout), reason="paid-out", entries=legs, facts=facts)


def post_returned(payout: Payout, *, by: str) -> Transaction:
    """Exactly what was posted when it was paid, the other way round."""
    corrected = Transaction.objects.get(key=paid_key(payout))
    entries = corrected.entries.select_related("account").order_by("place")
    legs = [
        Leg(
            entry.account.owner,
            Purpose(entry.account.purpose),
            Money(-entry.amount_minor, entry.currency),
        )
        for entry in entries
    ]
    facts = {"corrects": corrected.key, "payout": payout.reference, "by": by}
    return post(
        key=f"payout-returned:{payout.reference}",
        reason="payout-returned",
        entries=legs,
        facts=facts,
    )


def paid_key(payout: Payout) -> str:
    return f"paid-out:{payout.reference}"
