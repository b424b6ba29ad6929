"""News reach those who wait for them, and the listener rests when nobody does."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from dure import postgres
from dure.doors.desk import live
from tests.serving import Server, ask, running_server

pytestmark = pytest.mark.usefixtures("live_db")


def tell(call_id: int) -> None:
    with postgres.connect("app") as connection:
        connection.execute("select tasks_tell_boards(%s)", [call_id])


async def test_change_of_one_call_wakes_its_readers_alone() -> None:
    listener = live.Listener()
    mine, other = listener.join(1, account_id=1), listener.join(2, account_id=1)
    # The first wake comes when it begins to listen: what was before nobody knows.
    await asyncio.wait_for(asyncio.gather(mine.wait(), other.wait()), 60)
    mine.clear()
    other.clear()

    await sync_to_async(tell)(1)

    await asyncio.wait_for(mine.wait(), 60)
    assert not other.is_set()
    listener.leave(1, mine, account_id=1)
    listener.leave(2, other, account_id=1)
    assert listener.n_readers == 0


async def test_reader_who_comes_later_looks_once_more_for_what_only_others_were_told() -> None:
    listener = live.Listener()
    first = listener.join(1, account_id=1)
    await asyncio.wait_for(first.wait(), 60)
    # The later one's page is drawn here; then comes news, and it begins to listen after that.
    await sync_to_async(tell)(1)

    later = listener.join(1, account_id=2)

    assert later.is_set()
    listener.leave(1, later, account_id=2)
    listener.leave(1, first, account_id=1)


async def test_reader_hears_of_each_change_as_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "listener", live.Listener())
    news = live.tell(7, account_id=1)

    assert await anext(news) == b"retry: 3000\n\n"
    assert await asyncio.wait_for(anext(news), 60) == b"event: change\ndata: \n\n"
    await sync_to_async(tell)(7)
    assert await asyncio.wait_for(anext(news), 60) == b"event: change\ndata: \n\n"

    await news.aclose()  # type: ignore[attr-defined]
    assert live.listener.n_readers == 0


async def test_quiet_call_beats_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "listener", live.Listener())
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    news = live.tell(7, account_id=1)

    heard = [await anext(news) for _ in range(4)]

    assert b": still here\n\n" in heard
    await news.aclose()  # type: ignore[attr-defined]


async def test_readers_past_the_limit_of_an_account_are_sent_away_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "listener", live.Listener())
    monkeypatch.setattr(live, "READERS_OF_ACCOUNT_MAX", 1)
    first, second, other = (live.tell(7, account_id=who) for who in (1, 1, 2))

    heard = [await anext(news) for news in (first, second, other)]

    assert heard == [b"retry: 3000\n\n", b"retry: 60000\n\n", b"retry: 3000\n\n"]
    assert [news async for news in second] == []
    assert live.listener.n_readers == 2
    await first.aclose()  # type: ignore[attr-defined]
    await other.aclose()  # type: ignore[attr-defined]
    assert live.listener.n_readers == 0


# Eight members of the demo, each with a session of their own.
MEMBERS = """
from dure.doors.cli.opening import set_up_django
set_up_django()
from django.test import Client
from dure.calls.models import Call
from dure.clock import now
from dure.people.models import Account, Membership, Organisation
demo = Organisation.objects.create(slug="demo", name="Demo", created_at=now())
call = Call.objects.create(organisation=demo, kind="tasks", slug="call", title="A call",
    question={"type": "choice", "text": "?", "options": [{"value": "a"}, {"value": "b"}]})
print(call.pk)
for number in range(8):
    account = Account.objects.create_user(f"{number}@example.org")
    Membership.objects.create(organisation=demo, account=account, role="reader", since=now())
    client = Client()
    client.force_login(account)
    print(client.cookies["sessionid"].value)
"""


def test_a_hundred_and_fifty_readers_leave_connections_for_the_others(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server, ExitStack() as stack:
        made = subprocess.run(
            [sys.executable, "-c", MEMBERS],
            env=server.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        call_id, *cookies = made.stdout.split()
        path = f"/desk/demo/calls/{call_id}/events"

        readers = [_read(server, path, one, stack) for one in cookies for _ in range(20)]
        statuses = [_status_of(reader) for reader in readers]
        late = [_status_of(_read(server, path, cookies[0], stack)) for _ in range(3)]

        assert statuses == [200] * 160
        assert late == [429] * 3
        with ThreadPoolExecutor(200) as crowd:
            assert list(crowd.map(lambda _: ask(server, "/"), range(400))) == [200] * 400


def _read(server: Server, path: str, cookie: str, stack: ExitStack) -> socket.socket:
    reader = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={cookie}\r\n\r\n"
    reader.sendall(head.encode())
    return reader


def _status_of(reader: socket.socket) -> int:
    """The status, once the stream has begun or the whole refusal is there."""
    heard = b""
    while b"retry: " not in heard and not (b" 429 " in heard and b"\r\n\r\n" in heard):
        came = reader.recv(4096)
        assert came, heard
        heard += came
    return int(heard.split(b" ", 2)[1])
