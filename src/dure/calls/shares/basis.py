"""What of a call's facts a settlement rests on: its promise, its gains, whether it has closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dure.calls.models import Call, State
from dure.calls.promises import find_part
from dure.calls.shares.gains import gains_of, gains_pot_minor
from dure.calls.shares.models import Gain, PromiseVersion, Settlement
from dure.calls.shares.promising import versions_of
from dure.clock import now
from dure.errors import WrongState


class NothingPromised(WrongState):
    """This call shares no pool and no gains, so there is nothing to settle."""

    code = "nothing-promised"


@dataclass(frozen=True, slots=True)
class Basis:
    """Which of a call's facts a settlement rests on."""

    promise_number: int
    gains_up_to: int
    is_closed: bool
    pool_minor: int
    gains_minor: int
    base_minor: int
    value_minor: int

    @property
    def pot_minor(self) -> int:
        return self.pool_minor + self.gains_minor

    def as_facts(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def basis_now(call: Call) -> Basis:
    """What the call promises and has gained at this moment; it is held."""
    last = versions_of(call).last()
    if last is None:
        raise NothingPromised
    newest = gains_of(call).last()
    return _basis(
        call, last, gains_up_to=newest.pk if newest else 0, is_closed=call.state == State.CLOSED
    )


def basis_of(settlement: Settlement) -> Basis:
    """The same from the rows that were there when it was proposed."""
    facts = settlement.basis
    version = PromiseVersion.objects.get(call=settlement.call, number=facts["promise_number"])
    return _basis(
        settlement.call,
        version,
        gains_up_to=facts["gains_up_to"],
        is_closed=facts["is_closed"],
    )


def may_be_last(call: Call) -> bool:
    """Whether nothing more can come of a call, so that all there is may be shared out."""
    part = find_part(call.promise, "revenue_share")
    is_over = part is None or part["until"] < now().date().isoformat()
    return call.state == State.CLOSED and is_over


def _basis(call: Call, version: PromiseVersion, *, gains_up_to: int, is_closed: bool) -> Basis:
    pool = find_part(version.promise, "pool")
    share = find_part(version.promise, "revenue_share")
    if pool is None and share is None:
        raise NothingPromised
    pool_minor = pool["amount_minor"] if pool is not None and is_closed else 0
    gains_minor = gains_pot_minor(version.promise, gains=_gains_up_to(call, gains_up_to))
    parts = [(pool, pool_minor), (share, gains_minor)]
    base_minor = sum(pot * part["base_percent"] // 100 for part, pot in parts if part is not None)
    return Basis(
        promise_number=version.number,
        gains_up_to=gains_up_to,
        is_closed=is_closed,
        pool_minor=pool_minor,
        gains_minor=gains_minor,
        base_minor=base_minor,
        value_minor=pool_minor + gains_minor - base_minor,
    )


def _gains_up_to(call: Call, gain_id: int) -> Any:
    return Gain.objects.filter(call=call, pk__lte=gain_id)
