"""Ways to pay: who sends a released batch, and how it becomes known what became of each payout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dure.errors import Invalid
from dure.ledger.payouts.models import PayoutBatch


class Outcome(StrEnum):
    PAID = "paid"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one payout, which is known by its reference."""

    reference: str
    outcome: Outcome
    reason: str = ""


class Provider(Protocol):
    """One way to pay; everything it is asked for may be asked again and has the effect of one."""

    name: str

    def send(self, batch: PayoutBatch) -> None:
        """Take over a released batch; the batch's id and the references are keys of repeats."""

    def read_fates(self, references: Sequence[str]) -> Iterable[Fate]:
        """What is known by now of these payouts; what is not known is left out."""

    def read_notice(self, body: bytes, headers: Mapping[str, str]) -> Iterable[Fate]:
        """What a webhook says, once its signature was checked; a refusal if that is wrong."""


class ByHand:
    """A member takes the file to the bank, and says here what became of each payout."""

    name = "by_hand"

    def send(self, batch: PayoutBatch) -> None:
        """Nothing leaves by itself: the file of the released batch is what is sent."""

    def read_fates(self, references: Sequence[str]) -> Iterable[Fate]:  # noqa: ARG002  it asks nobody
        return ()

    def read_notice(self, body: bytes, headers: Mapping[str, str]) -> Iterable[Fate]:  # noqa: ARG002
        raise Invalid("Payouts by hand have no notices; a member says what became of them.")


BY_HAND = ByHand()
PROVIDERS: dict[str, Provider] = {BY_HAND.name: BY_HAND}


def find_provider(name: str) -> Provider:
    if name not in PROVIDERS:
        raise Invalid(
            "There is no way to pay called {name!r}; choose {known}.",
            name=name,
            known=", ".join(PROVIDERS),
        )
    return PROVIDERS[name]
