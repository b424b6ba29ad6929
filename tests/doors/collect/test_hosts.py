from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connections

from dure.doors.collect.app import Collecting
from dure.doors.collect.hosts import ForeignHost, Hosts
from tests.asgi import request
from tests.phones import new_call, owner_sql

NAMES = ["dure.example.org", ".dure.example.net", "[::1]"]


@pytest.mark.parametrize(
    "host",
    [
        "dure.example.org", "DURE.example.org:8000", "dure.example.org.", "dure.example.net",
        "www.dure.example.net", "[::1]:8000",
    ],
)  # fmt: skip
def test_each_of_our_names_is_ours(host: str) -> None:
    Hosts(NAMES).check({"headers": [(b"accept", b"*/*"), (b"host", host.encode())]})


@pytest.mark.parametrize(
    "host",
    ["evil.example", "dure.example.org.evil.example", "x@dure.example.org", "", "é", "*"],
)
def test_any_other_name_is_foreign_also_beside_one_of_ours(host: str) -> None:
    named = [(b"host", b"dure.example.org"), (b"host", host.encode())]

    with pytest.raises(ForeignHost):
        Hosts(NAMES).check({"headers": named})


@pytest_asyncio.fixture
async def named(live_db: str) -> AsyncIterator[Collecting]:
    collecting = Collecting(hosts=Hosts(NAMES))
    yield collecting
    await collecting.close()
    await sync_to_async(connections.close_all)()


async def test_nobody_joins_by_a_foreign_name(named: Collecting) -> None:
    body = {"call": (await new_call()).slug}

    foreign = await request(named, "/collect/join", body, host="evil.example")
    ours = await request(named, "/collect/join", body, host="dure.example.org")
    nameless = await request(named, "/collect/join", body)

    assert foreign.json() == {
        "type": "about:blank",
        "title": "foreign-host",
        "status": 421,
        "code": "foreign-host",
        "detail": "This server does not go by the host name of this request;"
        " check the address of the link.",
    }
    assert (ours.status, nameless.status) == (200, 200)
    assert owner_sql("select count(*) from people_contributor") == [(2,)]


async def test_who_looks_after_the_server_may_ask_by_any_name(named: Collecting) -> None:
    reply = await request(named, "/collect/", method="HEAD", host="10.0.0.5:8000")

    assert reply.status == 404
