"""New people from one address: a school may come at once, but no machine makes them without end."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings

from dure.addresses import Origins
from dure.buckets import Buckets
from dure.errors import TooMany

# Of all that one address may ask, this share may make a new person.
SHARE_OF_RATE = 1 / 50
BURST_SECONDS = 150.0


class Arrivals:
    """Counted in this process alone. Who is known already passes, and costs nothing."""

    def __init__(self, *, address_rate: float, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        rate = address_rate * SHARE_OF_RATE
        self._buckets = Buckets(rate=rate, burst=rate * BURST_SECONDS)

    def admit(self, address: str | None, *, has_key: bool) -> TooMany | None:
        """What a new person is refused with now; somebody with a key may try theirs before."""
        seconds = self._buckets.look(address, now=self._now()) if address else 0
        crowded = TooMany(seconds) if seconds else None
        if crowded and not has_key:
            raise crowded
        return crowded

    def count(self, address: str | None) -> None:
        """After somebody joined who was new."""
        if address is not None:
            self._buckets.charge(address, now=self._now())


origins = Origins(settings.PROXIES)
arrivals = Arrivals(address_rate=settings.COLLECT_ADDRESS_RATE)
