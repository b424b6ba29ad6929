"""Where requests come from, and whose word is taken for it."""

from __future__ import annotations

from typing import Any

import pytest

from dure.addresses import Origins, read_names, read_networks
from dure.errors import Invalid

OURS = Origins(read_networks("127.0.0.1, ::1, 10.0.0.0/8, 2001:db8:1::/48"))
NOBODYS = Origins()


def group(origins: Origins, peer: str, forwarded: str | None = None) -> str | None:
    """As the collecting door and as Django ask for it: they must agree."""
    named = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    scope = {"client": (peer, "4711"), "headers": [(b"host", b"dure.example"), *named]}
    meta: dict[str, Any] = {"REMOTE_ADDR": peer}
    if forwarded is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    found = origins.group_of_scope(scope)
    assert origins.group_of_meta(meta) == found
    return found


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("198.51.99.7", None, "198.51.99.7"),
        # Whoever is not ours may say what they like.
        ("198.51.99.7", "203.1.1.1", "198.51.99.7"),
        # A proxy that we were not told of speaks for many, also one that passes TCP on.
        ("192.168.1.20", "203.1.1.1", None),
        ("192.168.1.20", None, None),
        ("172.17.0.1", None, None),
        ("100.64.0.7", None, None),
        ("fd12:3456::1", None, None),
        ("fe80::1", None, None),
        ("127.0.0.1", None, None),
        ("127.0.0.1", "203.1.1.1", None),
        ("::1", "203.1.1.1", None),
        ("::ffff:198.51.99.7", None, "198.51.99.7"),
        ("2a01:1:2:3:4:5:6:7", None, "2a01:1:2:3::/64"),
        ("/run/dure.sock", None, None),
        ("", None, None),
    ],
)
def test_without_proxies_only_the_peer_counts_and_never_one_that_may_speak_for_many(
    peer: str, forwarded: str | None, expected: str | None
) -> None:
    assert group(NOBODYS, peer, forwarded) == expected


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("127.0.0.1", "203.1.1.1", "203.1.1.1"),
        # What stands left of the first stranger was written by that stranger.
        ("127.0.0.1", "8.8.8.8, 203.1.1.1", "203.1.1.1"),
        ("10.1.2.3", "8.8.8.8,203.1.1.1, 10.9.9.9,127.0.0.1", "203.1.1.1"),
        ("::1", "2a01:1:2:3::9", "2a01:1:2:3::/64"),
        ("2001:db8:1::5", "203.1.1.1", "203.1.1.1"),
        ("127.0.0.1", "203.1.1.1:8443", "203.1.1.1"),
        ("127.0.0.1", "[2a01:1:2:3::9]:8443", "2a01:1:2:3::/64"),
        # Our own proxy tells them apart, whatever network they are on.
        ("127.0.0.1", "192.168.1.20", "192.168.1.20"),
        ("192.168.1.20", "203.1.1.1", None),
        ("127.0.0.1", None, None),
        ("127.0.0.1", "", None),
        ("127.0.0.1", "203.1.1.1, unknown", None),
        ("127.0.0.1", "203.1.1.1, " + "9" * 5000, None),
        ("198.51.99.7", "203.1.1.1", "198.51.99.7"),
    ],
)
def test_our_proxies_name_the_address_that_counts(
    peer: str, forwarded: str | None, expected: str | None
) -> None:
    assert group(OURS, peer, forwarded) == expected


def test_a_request_by_nobody_has_no_address() -> None:
    assert NOBODYS.group_of_scope({"headers": []}) is None
    assert NOBODYS.group_of_scope({"client": None, "headers": []}) is None


def test_the_one_address_is_told_whole() -> None:
    behind = {"REMOTE_ADDR": "::1", "HTTP_X_FORWARDED_FOR": "8.8.8.8, 2a01:1:2:3::9"}
    forged = {"REMOTE_ADDR": "198.51.99.7", "HTTP_X_FORWARDED_FOR": "8.8.8.8"}

    assert OURS.address_of_meta(behind) == "2a01:1:2:3::9"
    assert OURS.address_of_meta(forged) == "198.51.99.7"
    assert OURS.address_of_meta({"REMOTE_ADDR": "::1"}) is None


@pytest.mark.parametrize("given", ["localhost", "10.0.0.0/33", "10.0.0.1/8", "1.2.3.4;5.6.7.8"])
def test_what_is_no_network_is_refused(given: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_networks(given)

    assert caught.value.sentence == (
        "DURE_PROXIES should be addresses or networks with commas between,"
        f" as in 127.0.0.1,10.0.0.0/8; got {given!r}."
    )


def test_no_proxies_are_no_networks() -> None:
    assert read_networks("") == read_networks(" , ") == ()


@pytest.mark.parametrize("given", ["a.example,b.example", " a.example, b.example ,, "])
def test_names_are_told_apart_by_commas_with_spaces_or_without(given: str) -> None:
    assert read_names(given) == ["a.example", "b.example"]
