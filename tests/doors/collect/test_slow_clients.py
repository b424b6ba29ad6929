"""A real server among clients that hold connections: others are answered all the while."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.serving import Server, ask, running_server

# Two crowds are more than the 1,024 connections that granian lets in by itself.
CROWD = 600
WAIT_SECONDS_MAX = 60.0
HALF_A_HEAD = b"POST /collect/lease HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
NOTHING_BUT_JSON = b"{}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("slow") / "data"
    # We are a proxy here, and an address whose word is passed on has six requests at once.
    env = {"DURE_PROXIES": "127.0.0.1", "DURE_COLLECT_ADDRESS_RATE": "1"}
    with running_server(folder, env=env) as server:
        yield server


def head(*lines: str, path: str = "/collect/lease") -> bytes:
    first = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    return "\r\n".join([*first, *lines, "", ""]).encode()


@contextmanager
def connections(server: Server, count: int, said: bytes) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_SECONDS_MAX)
            stack.enter_context(one)
            # The server may say no, and hang up, before all is sent.
            with suppress(BrokenPipeError, ConnectionResetError):
                one.sendall(said)
            opened.append(one)
        yield opened


def is_open(one: socket.socket) -> bool:
    one.settimeout(0)
    try:
        return one.recv(1) != b""
    except BlockingIOError:
        return True
    finally:
        one.settimeout(WAIT_SECONDS_MAX)


def hear(one: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    heard = b""
    try:
        while block := one.recv(65536):
            heard += block
    except ConnectionResetError:
        pass
    return heard


def test_crowds_of_half_heads_and_of_idle_connections_keep_nobody_out(server: Server) -> None:
    idle = head(f"Content-Length: {len(NOTHING_BUT_JSON)}") + NOTHING_BUT_JSON
    with connections(server, CROWD, idle) as kept:
        for one in kept:
            assert one.recv(65536).startswith(b"HTTP/1.1 401")

        with (
            connections(server, CROWD, HALF_A_HEAD) as half,
            connections(server, 10, b"") as silent,
        ):
            statuses = [ask(server, "/collect/lease", NOTHING_BUT_JSON) for _ in range(20)]

            assert statuses == [401] * 20
            # They were answered beside the crowd, and not after it.
            assert is_open(half[-1])
            # Each is ended by the server in its time, or this would wait without an end.
            assert [hear(one) for one in [*half[::50], *kept[::50], *silent]] == [b""] * 34


@pytest.mark.parametrize(
    "said",
    [
        head("Content-Length: 500") + b'{"call":',
        head("Transfer-Encoding: chunked") + b'8\r\n{"call":\r\n',
    ],
)
def test_body_that_stops_is_told_so_and_cut_off(server: Server, said: bytes) -> None:
    with connections(server, 1, said) as (one,):
        heard = hear(one)

    assert heard.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"too-slow"' in heard


def test_trickled_body_is_cut_off(server: Server) -> None:
    is_over = threading.Event()

    def trickle(one: socket.socket) -> None:
        try:
            while not is_over.wait(0.2):
                one.sendall(b" ")
        except OSError:
            pass

    with connections(server, 1, head("Content-Length: 100000")) as (one,):
        feeder = threading.Thread(target=trickle, args=[one])
        feeder.start()
        try:
            heard = hear(one)
        finally:
            is_over.set()
            feeder.join()

    assert heard.startswith(b"HTTP/1.1 408 ")


def test_address_that_our_proxy_names_is_limited_and_the_one_beside_it_is_not(
    server: Server,
) -> None:
    def reply_to(address: str) -> bytes:
        forwarded = f"X-Forwarded-For: 8.8.8.8, {address}"
        said = head("Content-Length: 2", "Connection: close", forwarded)
        with connections(server, 1, said + NOTHING_BUT_JSON) as (one,):
            return hear(one)

    one = [reply_to("198.51.99.7") for _ in range(30)]
    beside = reply_to("198.51.99.8")
    nobody = [ask(server, "/collect/lease", NOTHING_BUT_JSON) for _ in range(30)]

    refused = [reply for reply in one if reply.startswith(b"HTTP/1.1 429 ")]
    assert refused
    assert all(b"\r\nretry-after: 1\r\n" in reply for reply in refused)
    assert one[0].startswith(b"HTTP/1.1 401 ")
    assert beside.startswith(b"HTTP/1.1 401 ")
    assert nobody == [401] * 30


def test_half_sent_forms_keep_no_page_from_anybody(server: Server) -> None:
    """More of them than pages are made at once."""
    said = head("Content-Length: 500", path="/c/nowhere/answer") + b"value="
    with connections(server, 60, said) as forms:
        statuses = [ask(server, "/c/nowhere/") for _ in range(50)]
        pages_came_first = is_open(forms[0])

        heard = [hear(one) for one in forms]

    assert statuses == [404] * 50
    assert pages_came_first
    assert [one[:13] for one in heard] == [b"HTTP/1.1 408 "] * 60


def test_forms_that_are_announced_and_do_not_come_keep_no_form_from_anybody(
    server: Server,
) -> None:
    """More of them than forms are read at once; beside them one comes whole, one in pieces."""
    announced = head("Content-Length: 7", path="/c/nowhere/answer")
    with (
        connections(server, 60, announced) as silent,
        connections(server, 1, announced + b"value=a") as (whole,),
        connections(server, 1, announced + b"value") as (halves,),
    ):
        replies = [whole.recv(65536)]
        halves.sendall(b"=a")
        replies.append(halves.recv(65536))
        forms_came_first = is_open(silent[0])

        heard = [hear(one) for one in silent]

    # They lack the token of a page's form.
    assert [one[:13] for one in replies] == [b"HTTP/1.1 403 "] * 2
    assert forms_came_first
    assert [one[:13] for one in heard] == [b"HTTP/1.1 408 "] * 60


@pytest.mark.parametrize("path", ["/c/nowhere/answer", "/desk/a/b/events"])
def test_body_too_large_for_any_page_is_refused_before_it_comes(server: Server, path: str) -> None:
    with connections(server, 1, head("Content-Length: 1200000000", path=path)) as (one,):
        heard = hear(one)

    assert heard.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "said",
    [
        head("Content-Length: 2147483648"),
        head("Content-Length: 3145728") + b" " * 3 * 2**20,
        head("Transfer-Encoding: chunked") + (b"10000\r\n" + b" " * 2**16 + b"\r\n") * 48,
    ],
)
def test_body_too_large_is_refused_and_its_connection_ended(server: Server, said: bytes) -> None:
    with connections(server, 1, said) as (one,):
        heard = hear(one)

    assert heard.startswith(b"HTTP/1.1 413 ")
    assert heard.count(b"HTTP/1.1") == 1
