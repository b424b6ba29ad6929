"""How often one person, and one address, may ask; counted in this process's memory alone."""

from __future__ import annotations

import time
from collections.abc import Callable

from dure.addresses import Origins
from dure.buckets import Buckets
from dure.doors.collect.exchange import Key, Scope
from dure.errors import TooMany

# A phone that was away sends batches, and some people have two tabs.
PERSON_BURST_SECONDS = 5.0
# A school of a thousand phones opens a link within a second, each with a handful of requests.
ADDRESS_BURST_SECONDS = 6.0


class Limits:
    """A rate of 0, in requests a second, switches that limit off."""

    def __init__(
        self,
        *,
        person_rate: float = 0,
        address_rate: float = 0,
        origins: Origins | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._people = Buckets(rate=person_rate, burst=person_rate * PERSON_BURST_SECONDS)
        self._addresses = Buckets(rate=address_rate, burst=address_rate * ADDRESS_BURST_SECONDS)
        self._origins = origins or Origins()
        self._now = now

    def admit_address(self, scope: Scope) -> str | None:
        """Before anything of a request is read but its head; the address that was counted."""
        address = self._origins.group_of_scope(scope)
        if address is not None and (seconds := self._addresses.take(address, now=self._now())):
            raise TooMany(seconds)
        return address

    def admit_person(self, key: Key | None) -> None:
        """Before the database is asked; a key that is nobody's has a bucket like any other."""
        if key is None:
            return
        # The hash is short, however long a key somebody sends; none can be made to meet another.
        if seconds := self._people.take(hash(key.text), now=self._now()):
            raise TooMany(seconds)
