"""Under which host names collecting is done: those that pages are served under, too.

A site of somebody else's can have its own name lead a visitor's browser here, into a network that
only the visitor is in. Then the name in the request is that site's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.http.request import split_domain_port, validate_host

from dure.doors.collect.exchange import Scope
from dure.errors import Refusal

KNOWN_MAX = 64


class ForeignHost(Refusal):
    """This server does not go by the host name of this request; check the address of the link."""

    code = "foreign-host"
    status = 421


class Hosts:
    """The server's own names, written as in Django's ALLOWED_HOSTS."""

    def __init__(self, names: Sequence[str] = ("*",)) -> None:
        self._names = names
        self._is_ours = lru_cache(maxsize=KNOWN_MAX)(self._find)

    def check(self, scope: Scope) -> None:
        """A browser always names a host; who names none is no browser that was led here."""
        for name, value in scope["headers"]:
            if name == b"host" and not self._is_ours(value):
                raise ForeignHost

    def _find(self, host: bytes) -> bool:
        domain, _ = split_domain_port(host.decode("latin-1"))
        return validate_host(domain, self._names)
