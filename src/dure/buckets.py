"""Token buckets in this process's memory: so many at once, so many a second after that."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable
from itertools import islice

COUNT_MAX = 100_000
# Each taking looks at so many of the oldest, so that full ones go as fast as new ones come.
LOOKED_AT = 2
# Sums of binary fractions may miss a whole token by a hair.
HAIR_SECONDS = 1e-6


class Buckets:
    """One bucket for each key, each full at first; `rate` 0 is no limit.

    Of each it keeps one number only: when it will be full again. One that is full is forgotten;
    if there are too many all the same, those go first that have not been used for longest.
    """

    def __init__(self, *, rate: float, burst: float, count_max: int = COUNT_MAX) -> None:
        self._seconds_each = 1 / rate if rate else 0.0
        # As far ahead as a bucket may be from full and still have a token.
        self._seconds_spare = (max(burst, 1.0) - 1) * self._seconds_each + HAIR_SECONDS
        self._count_max = count_max
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: Hashable, *, now: float) -> int:
        """Take a token; 0, or the whole seconds after which there is one again."""
        over = self._full_at.get(key, now) - now - self._seconds_spare
        if over > 0:
            return math.ceil(over)
        self.charge(key, now=now)
        return 0

    def look(self, key: Hashable, *, now: float) -> int:
        """As `take`, but nothing is taken."""
        over = self._full_at.get(key, now) - now - self._seconds_spare
        return math.ceil(over) if over > 0 else 0

    def charge(self, key: Hashable, *, now: float) -> None:
        """Take a token also if there is none: what was done is paid for afterwards."""
        if not self._seconds_each:
            return
        buckets = self._full_at
        full_at = buckets.get(key, now)
        buckets[key] = (max(now, full_at)) + self._seconds_each
        buckets.move_to_end(key)
        for oldest in tuple(islice(buckets, LOOKED_AT)):
            if buckets[oldest] > now and len(buckets) <= self._count_max:
                break
            del buckets[oldest]
