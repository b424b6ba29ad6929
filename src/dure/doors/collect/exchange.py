"""One HTTP request and its reply, on bare ASGI: a body with a limit, a key, JSON out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import orjson

from dure.calls.tasks.answers import KEY_COOKIE, KEY_COOKIE_SECONDS, KEY_PREFIX
from dure.errors import Busy, Invalid, Malformed, OutsideScope, Refusal, TooLarge
from dure.nesting import read_json

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_BYTES_MAX = 2**20
# A body has so long to come, and longer as it grows: a phone on a poor line gets a batch through.
BODY_SECONDS_MAX = 10.0
BODY_BYTES_A_SECOND_MIN = 16 * 2**10
# What all bodies together may hold while they are on their way in.
BODIES_BYTES_MAX = 64 * 2**20
RETRY_SECONDS = 1
DROP_SECONDS = 0.1
ORGANISER_PREFIX = "dure_o_"
KEY_COOKIE_NAME, KEY_COOKIE_START = KEY_COOKIE.encode(), KEY_PREFIX.encode()


class UsePost(Refusal):
    """Only POST is answered here; send the same with it."""

    code = "method-not-allowed"
    status = 405
    allow = b"POST"


class TooSlow(Refusal):
    """The body came too slowly and was cut off; send the same again on a better connection."""

    code = "too-slow"
    status = 408


@dataclass(frozen=True, slots=True)
class Key:
    """A person's key, and whether it was sent on purpose or just came along as a cookie."""

    text: str
    is_cookie: bool


async def read_object(scope: Scope, receive: Receive) -> dict[str, Any]:
    try:
        body = read_json(await _read_body(scope, receive))
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON ({error}); send a JSON object.") from None
    if not isinstance(body, dict):
        raise Invalid(f"The body should be a JSON object; got {type(body).__name__}.")
    return body


def read_key(scope: Scope) -> Key | None:
    cookies = []
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, token = value.decode("latin-1").partition(" ")
            if kind.lower() == "bearer" and token.strip():
                return _read_bearer(token.strip())
        elif name == b"cookie":
            cookies.append(value)
    # A browser may send several cookies in several lines; ours needs no unquoting.
    for cookie in b"; ".join(cookies).split(b";"):
        name, _, value = cookie.strip().partition(b"=")
        if name == KEY_COOKIE_NAME and value.startswith(KEY_COOKIE_START):
            return Key(value.decode("latin-1"), is_cookie=True)
    return None


def _read_bearer(token: str) -> Key:
    if token.startswith(ORGANISER_PREFIX):
        raise OutsideScope("This is an organiser's token; contributors join with their own.")
    return Key(token, is_cookie=False)


def cookie_header(key: str, *, is_https: bool) -> tuple[bytes, bytes]:
    secure = "; Secure" if is_https else ""
    value = (
        f"{KEY_COOKIE}={key}; Path=/; Max-Age={KEY_COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}"
    )
    return (b"set-cookie", value.encode())


async def reply(
    send: Send, status: int, body: object, *, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    kind = b"application/json" if status < 400 else b"application/problem+json"
    await send_whole(send, status, orjson.dumps(body), kind=kind, headers=headers)


async def send_whole(
    send: Send,
    status: int,
    content: bytes,
    *,
    kind: bytes,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", kind),
                (b"content-length", str(len(content)).encode()),
                (b"cache-control", b"no-store"),
                (b"x-content-type-options", b"nosniff"),
                *(headers or []),
            ],
        }
    )
    await send({"type": "http.response.body", "body": content})


async def refuse(send: Send, refusal: Refusal, *, is_cut: bool = False) -> None:
    """Where the body `is_cut`, its connection ends with the reply."""
    problem = {
        "type": "about:blank",
        "title": refusal.code,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.sentence,
    }
    headers = []
    if refusal.status in (429, 503):
        seconds = getattr(refusal, "wait_seconds", RETRY_SECONDS)
        headers.append((b"retry-after", str(seconds).encode()))
    if is_cut or refusal.status in (TooSlow.status, TooLarge.status):
        # The rest of the body is not waited for.
        headers.append((b"connection", b"close"))
    if refusal.status == TooSlow.status:
        # Granian drops a body that is not waited for any more in its own time; until then the
        # reply would not end the connection.
        await asyncio.sleep(DROP_SECONDS)
    if isinstance(refusal, UsePost):
        headers.append((b"allow", refusal.allow))
    if refusal.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await reply(send, refusal.status, problem, headers=headers)


async def _read_body(scope: Scope, receive: Receive) -> bytes:
    length = dict(scope["headers"]).get(b"content-length", b"")
    if length.isdigit() and int(length) > BODY_BYTES_MAX:
        raise TooLarge(bytes_max=BODY_BYTES_MAX)
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX) as patience:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                return _check_size(bytes(message.get("body", b"")))
            return await _read_rest(message, receive, patience)
    except TimeoutError:
        raise TooSlow from None


async def _read_rest(
    message: MutableMapping[str, Any], receive: Receive, patience: asyncio.Timeout
) -> bytes:
    """A body that comes in pieces."""
    body = bytearray()
    last = patience.when() or 0.0
    try:
        while True:
            if message["type"] == "http.disconnect":
                raise Malformed("The connection ended before the whole body came.")
            piece = message.get("body", b"")
            if len(body) + len(piece) > BODY_BYTES_MAX:
                raise TooLarge(bytes_max=BODY_BYTES_MAX)
            coming.hold(len(piece))
            body += piece
            if not message.get("more_body", False):
                return bytes(body)
            patience.reschedule(last + len(body) / BODY_BYTES_A_SECOND_MIN)
            message = await receive()
    finally:
        coming.let_go(len(body))


def _check_size(body: bytes) -> bytes:
    if len(body) > BODY_BYTES_MAX:
        raise TooLarge(bytes_max=BODY_BYTES_MAX)
    return body


class _Coming:
    """How much of unfinished bodies this process holds."""

    def __init__(self) -> None:
        self.n_bytes = 0

    def hold(self, n_bytes: int) -> None:
        if self.n_bytes + n_bytes > BODIES_BYTES_MAX:
            raise Busy
        self.n_bytes += n_bytes

    def let_go(self, n_bytes: int) -> None:
        self.n_bytes -= n_bytes


coming = _Coming()
