"""What people and programs are told while PostgreSQL is away, by a real server whose own died."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import (
    REPLY_SECONDS_MAX,
    Server,
    database_away,
    run_dure,
    running_server,
    wait_until,
)

PATHS = ["/", "/feed.atom", "/c/none/", "/c/none/about", "/keep/none", "/account/login/", "/desk/",
         "/desk/o/", "/desk/o/calls/1/", "/desk/o/calls/1/events"]  # fmt: skip
# Who is signed in is looked up, and a form is taken for our own.
COOKIES = f"sessionid={'s' * 32}; csrftoken={'t' * 32}"
TOLD = ("Content-Type", "Cache-Control", "Retry-After", "Refresh", "Set-Cookie")
PAGE = ("text/html; charset=utf-8", "no-store", "3")
HERE = ("잠시만 기다려 주세요", "One moment, please")
SENT = ("아직 저장되지 않았을 수 있어요", "This may not be saved yet")
AWAY = (
    "The database does not answer just now; send the same again in a moment. "
    "Nothing was lost or half done."
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("served") / "data") as server:
        yield server


def ask(
    server: Server, method: str, path: str, **headers: str
) -> tuple[int, tuple[str | None, ...], str]:
    """The status, the headers that tell how to go on, the body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=REPLY_SECONDS_MAX)
    connection.request(method, path, headers={"Host": f"localhost:{server.port}", **headers})
    reply = connection.getresponse()
    body = reply.read().decode()
    connection.close()
    return reply.status, tuple(reply.headers[name] for name in TOLD), body


def test_pages_and_programs_are_asked_for_patience_until_postgres_is_back(served: Server) -> None:
    folder = Path(served.environment["DURE_DATA"])
    run_dure(folder, "org", "create", "o", "--owner", "o@example.org")
    key = f"Bearer {run_dure(folder, 'token', 'create', '--org', 'o').stdout.split()[-1]}"
    with database_away(folder):
        # What was asked before may still be answered.
        wait_until(lambda: ask(served, "GET", "/")[0] == 503)
        pages = {path: ask(served, "GET", path, Cookie=COOKIES) for path in PATHS}
        heads = {path: ask(served, "HEAD", path, Cookie=COOKIES) for path in PATHS}
        form = {"Cookie": COOKIES, "X-CSRFToken": "t" * 32}
        sent = ask(served, "POST", "/account/login/", **form)
        api = [
            ask(served, method, f"/api/v1/calls{rest}", Authorization=key)
            for method, rest in [("GET", ""), ("POST", "/1/open"), ("GET", "/1/answers?format=csv")]
        ]
        style = ask(served, "GET", "/static/dure/base.css")[0]
    wait_until(lambda: ask(served, "GET", "/")[0] == 200)
    back = ask(served, "GET", "/api/v1/calls", Authorization=key)[0]

    assert {reply[:2] for reply in pages.values()} == {(503, (*PAGE, "3", None))}
    assert {words in page for _, _, page in pages.values() for words in HERE} == {True}
    assert heads == {path: (*reply[:2], "") for path, reply in pages.items()}
    # A form is not sent a second time by itself.
    assert sent[:2] == (503, (*PAGE, None, None))
    assert {words in sent[2] for words in SENT} == {True}
    assert [reply[:2] for reply in api] == [
        (503, ("application/problem+json", None, "1", None, None))
    ] * 3
    assert [(json.loads(body)["code"], json.loads(body)["detail"]) for *_, body in api] == [
        ("busy", AWAY)
    ] * 3
    assert (style, back) == (200, 200)
    log = served.log.read_text()
    assert "Traceback" not in log
    assert log.count("Service Unavailable") == 1
