"""What a settlement is worked out from, and what comes out: the same again whenever it is asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import orjson
from django.db import connection

from dure.calls.models import Call
from dure.calls.promises import currency_of
from dure.calls.shares.basis import Basis
from dure.calls.shares.models import PromiseVersion
from dure.calls.shares.sharing import Before, Pots, Shares, share_out
from dure.calls.shares.work import Mark, Work

if TYPE_CHECKING:
    from dure.calls.shares.work import Longs


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
    def columns(self) -> list[Longs]:
        """As SettlementShare keeps them, from the contributor to the value part."""
        work, shares = self.work, self.shares
        return [
            work.contributors, work.counted, work.checked, work.mean_nano, work.error_nano,
            shares.base_minor, shares.value_minor,
        ]  # fmt: skip

    def digest(self) -> bytes:
        """A hash of what went in and what came out, to tell whether it is the same again."""
        facts = [
            self.number, self.is_last, self.currency, self.basis.as_facts(), self.before_minor,
            self.mark.seen_up_to, self.mark.as_of.isoformat(), self.method,
        ]  # fmt: skip
        content = hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))
        for column in self.columns:
            content.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
        return content.digest()


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
