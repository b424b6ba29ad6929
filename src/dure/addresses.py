"""Where a request comes from: by the peer, and by what the operator's own proxies say of it."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple

from dure.errors import Invalid

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# The longest address that a proxy may write: an IPv6 one with a port.
TEXT_LENGTH_MAX = 64
# A proxy of ours that names this many more of ours before it is no chain, but an attack.
HOPS_MAX = 10
KNOWN_MAX = 65_536
# Whoever has one IPv6 address commonly has the whole /64 around it.
IPV6_PREFIX = 64


def read_names(given: str) -> list[str]:
    """What stands between commas, with spaces or without."""
    return [name for text in given.split(",") if (name := text.strip())]


def read_networks(given: str) -> tuple[Network, ...]:
    """Addresses and networks with commas between, as in `127.0.0.1, 10.0.0.0/8`."""
    try:
        return tuple(ip_network(name) for name in read_names(given))
    except ValueError:
        raise Invalid(
            "DURE_PROXIES should be addresses or networks with commas between,"
            " as in 127.0.0.1,10.0.0.0/8; got {given!r}.",
            given=given,
        ) from None


class Origin(NamedTuple):
    """An address, and the name of its group, by which limits count."""

    address: Address | None
    group: str | None
    # Whether it is a proxy of ours.
    is_ours: bool
    is_private: bool


class Origins:
    """Tells where requests come from; it trusts what these proxies say, and nobody else."""

    def __init__(self, proxies: tuple[Network, ...] = ()) -> None:
        self._proxies = proxies
        self._read = lru_cache(maxsize=KNOWN_MAX)(self._read_one)

    def group_of_scope(self, scope: MutableMapping[str, Any]) -> str | None:
        """The group that a request to the ASGI application may be counted under.

        Null where one limit would hit many people: behind a proxy that nobody told us of, a
        container's port mapping or a load balancer that passes TCP on, all have its address. Such
        a one is on this machine or on a private network, and need not say for whom it speaks.
        """
        client = scope.get("client")
        if not client:
            return None
        peer = self._read(client[0])
        if not peer.is_ours:
            return _group_of_stranger(peer)
        named = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return self._first_stranger(b",".join(named).decode("latin-1")).group

    def group_of_meta(self, meta: dict[str, Any]) -> str | None:
        """As `group_of_scope`, by what Django knows of a request."""
        peer = self._read(meta.get("REMOTE_ADDR", ""))
        if not peer.is_ours:
            return _group_of_stranger(peer)
        return self._first_stranger(meta.get("HTTP_X_FORWARDED_FOR", "")).group

    def address_of_meta(self, meta: dict[str, Any]) -> str | None:
        """The one address, not its group, where our own proxies name it or there are none."""
        origin = self._read(meta.get("REMOTE_ADDR", ""))
        if origin.is_ours:
            origin = self._first_stranger(meta.get("HTTP_X_FORWARDED_FOR", ""))
        return str(origin.address) if origin.address else None

    def _first_stranger(self, forwarded: str) -> Origin:
        """From the right, where each proxy adds whom it saw; what is further left is hearsay."""
        for text in reversed(forwarded.rsplit(",", HOPS_MAX)[-HOPS_MAX:]):
            origin = self._read(text[-TEXT_LENGTH_MAX:].strip())
            if not origin.is_ours:
                return origin
        return NOWHERE

    def _read_one(self, text: str) -> Origin:
        address = _parse(text)
        if address is None:
            # An empty place between commas is passed over; a word as "unknown" is no address.
            return NOWHERE._replace(is_ours=not text)
        is_ours = any(address in network for network in self._proxies)
        # Also what providers use within their own networks is not global.
        return Origin(address, _group(address), is_ours, is_private=not address.is_global)


NOWHERE = Origin(None, None, is_ours=False, is_private=False)


def _group_of_stranger(peer: Origin) -> str | None:
    return None if peer.is_private else peer.group


def _parse(text: str) -> Address | None:
    """An address, also as some proxies write it: with a port, or in brackets."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _group(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((int(address) >> 64 << 64, IPV6_PREFIX)))
