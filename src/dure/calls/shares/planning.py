"""What a settlement is worked out from, and what comes out: the same again whenever it is asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from django.db import connection

from dure.calls.models import Call, State
from dure.calls.promises import currency_of, find_part
from dure.calls.shares.gains import gains_of, gains_pot_minor
from dure.calls.shares.models import Gain, PromiseVersion, Settlement
from dure.calls.shares.promising import versions_of
from dure.calls.shares.sharing import Before, Pots, Shares, share_out
from dure.calls.shares.work import Longs, Mark, Work
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


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gets what; row i of `shares` is for `work.contributors[i]`."""

    number: int
    is_last: bool
    currency: str
    basis: Basis
    mark: Mark
    method: str
    work: Work
    before_minor: int
    shares: Shares

    @property
    def base_minor(self) -> int:
        return int(self.shares.base_minor.sum())

    @property
    def value_minor(self) -> int:
        return int(self.shares.value_minor.sum())

    @property
    def carried_minor(self) -> int:
        """What stays in the pot for a later settlement."""
        return self.basis.pot_minor - self.before_minor - self.base_minor - self.value_minor

    def digest(self) -> bytes:
        """A hash of what went in and what came out, to tell whether it is the same again."""
        facts = [
            self.number, self.is_last, self.currency, self.basis.as_facts(), self.before_minor,
            self.mark.seen_up_to, self.mark.as_of.isoformat(), self.method,
        ]  # fmt: skip
        content = hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))
        for column in _columns(self.work, self.shares):
            content.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
        return content.digest()


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


def work_out(
    *, call: Call, number: int, is_last: bool, basis: Basis, mark: Mark, method: str, work: Work
) -> Plan:
    before = _shared_before(call.pk, number=number, mark=mark, work=work)
    version = PromiseVersion.objects.get(call=call, number=basis.promise_number)
    currency = currency_of(version.promise)
    assert currency is not None, "a call without money was to be settled"
    return Plan(
        number=number,
        is_last=is_last,
        currency=currency,
        basis=basis,
        mark=mark,
        method=method,
        work=work,
        before_minor=_total(before),
        shares=share_out(
            pots=Pots(basis.base_minor, basis.value_minor),
            work=work,
            before=before,
            is_last=is_last,
        ),
    )


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


def _shared_before(call_id: int, *, number: int, mark: Mark, work: Work) -> Before:
    place = {contributor: at for at, contributor in enumerate(work.contributors.tolist())}
    base = np.zeros(len(place), np.int64)
    value = np.zeros(len(place), np.int64)
    others_base = others_value = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select worker_id, base_minor, value_minor from shares_before(%s, %s, %s)",
            [call_id, number, mark.as_of],
        )
        for contributor, base_minor, value_minor in cursor:
            at = place.get(contributor)
            if at is None:
                others_base += base_minor
                others_value += value_minor
            else:
                base[at], value[at] = base_minor, value_minor
    return Before(base, value, others_base, others_value)


def _total(before: Before) -> int:
    return (
        int(before.base_minor.sum())
        + int(before.value_minor.sum())
        + before.others_base_minor
        + before.others_value_minor
    )


def _columns(work: Work, shares: Shares) -> list[Longs]:
    return [
        work.contributors, work.counted, work.checked, work.mean_nano, work.error_nano,
        shares.base_minor, shares.value_minor,
    ]  # fmt: skip
