"""A client that calls an ASGI application in this process, as granian would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def request(
    app: Any,
    path: str,
    body: object = None,
    *,
    method: str = "POST",
    token: str | None = None,
    cookie: str | None = None,
    raw: bytes | None = None,
    client: str | None = None,
    forwarded: str | None = None,
    host: str | None = None,
) -> Reply:
    headers = [(b"content-type", b"application/json")]
    if token:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    if cookie:
        headers.append((b"cookie", cookie.encode()))
    if forwarded:
        headers.append((b"x-forwarded-for", forwarded.encode()))
    if host:
        headers.append((b"host", host.encode()))
    content = raw if raw is not None else json.dumps(body).encode()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": headers}
    if client:
        scope["client"] = (client, "50000")
    await app(scope, receive, send)
    start = sent[0]
    return Reply(
        status=start["status"],
        headers={name.decode(): value.decode() for name, value in start["headers"]},
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )
