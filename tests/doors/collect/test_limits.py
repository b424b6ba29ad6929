"""How often one person and one address may ask: what is normal passes, what is not is told when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connections

from dure.addresses import Origins, read_networks
from dure.doors.collect import app
from dure.doors.collect.app import Collecting
from dure.doors.collect.exchange import Key
from dure.doors.collect.limits import Limits
from dure.errors import Invalid, TooMany
from dure.people.arrivals import Arrivals
from dure.settings import read_rate
from tests.asgi import Reply, request
from tests.phones import new_call

RATES = {"person_rate": 20.0, "address_rate": 1000.0}
SCHOOL = "198.51.99.7"
PHONES = 1000


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def phone(n: int) -> Key:
    return Key(f"dure_p_{n}", is_cookie=False)


def visit(limits: Limits, key: Key | None, client: str = SCHOOL) -> None:
    limits.admit_address({"client": (client, "1"), "headers": []})
    limits.admit_person(key)


def test_a_school_of_a_thousand_phones_behind_one_address_is_never_refused() -> None:
    clock = Clock()
    limits, arrivals = Limits(**RATES, now=clock), Arrivals(address_rate=1000, now=clock)

    # All open the link within a second: join, lease, the first news.
    for n in range(PHONES):
        clock.seconds += 1 / PHONES
        assert arrivals.admit(SCHOOL, has_key=False) is None
        arrivals.count(SCHOOL)
        for key in (None, phone(n), phone(n)):
            visit(limits, key)
    # For half an hour each answers every three seconds, and hears news of it.
    for _second in range(0, 1800, 3):
        for n in range(PHONES):
            clock.seconds += 3 / PHONES
            visit(limits, phone(n))
            visit(limits, phone(n))
    # Then the network dies for all; each phone sends what waited and asks for more, at once.
    for n in range(PHONES):
        for _batch in range(5):
            visit(limits, phone(n))


def test_one_machine_gets_its_rate_and_no_more() -> None:
    clock = Clock()
    limits = Limits(**RATES, now=clock)
    passed = 0

    for _ in range(100_000):
        clock.seconds += 0.0001
        try:
            visit(limits, None)
        except TooMany:
            continue
        passed += 1

    # Ten seconds of steps that are no whole binary fractions.
    assert abs(passed - (6000 + 10 * 1000)) <= 1


def test_one_person_gets_a_hundred_at_once_then_twenty_a_second() -> None:
    clock = Clock()
    limits = Limits(**RATES, now=clock)
    for _ in range(100):
        visit(limits, phone(1))

    with pytest.raises(TooMany) as caught:
        visit(limits, phone(1))

    assert caught.value.wait_seconds == 1
    visit(limits, phone(2))
    clock.seconds += 0.05
    visit(limits, phone(1))


def test_a_rate_of_zero_is_no_limit() -> None:
    limits = Limits(person_rate=0, address_rate=0)

    for _ in range(10_000):
        visit(limits, phone(1))


@pytest.mark.parametrize("given", ["-1", "many", "nan", "inf", "1,5"])
def test_rate_that_can_not_be_one_is_told(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DURE_COLLECT_PERSON_RATE", given)

    with pytest.raises(Invalid) as caught:
        read_rate("DURE_COLLECT_PERSON_RATE", default=20)

    assert caught.value.sentence == (
        "DURE_COLLECT_PERSON_RATE should be a number of requests a second, or 0 for no limit;"
        f" got {given!r}."
    )


@pytest.mark.parametrize(("given", "rate"), [("", 20.0), ("0", 0.0), ("0.5", 0.5), (" 3 ", 3.0)])
def test_rate_is_read(given: str, rate: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DURE_COLLECT_PERSON_RATE", given)

    assert read_rate("DURE_COLLECT_PERSON_RATE", default=20) == rate


@pytest_asyncio.fixture
async def strict(live_db: str) -> AsyncIterator[Collecting]:
    """One request at a time for each person and six for each address, and none comes back soon."""
    origins = Origins(read_networks("10.0.0.1"))
    limits = Limits(person_rate=0.1, address_rate=1, origins=origins, now=Clock())
    collecting = Collecting(limits=limits)
    yield collecting
    await collecting.close()
    await sync_to_async(connections.close_all)()


@pytest_asyncio.fixture
async def usual(live_db: str) -> AsyncIterator[Collecting]:
    collecting = Collecting(limits=Limits(**RATES))
    yield collecting
    await collecting.close()
    await sync_to_async(connections.close_all)()


async def test_the_school_passes_through_the_door(usual: Collecting) -> None:
    call = await new_call()
    turns = asyncio.Semaphore(20)

    async def open_link() -> list[int]:
        async with turns:
            joined = await request(usual, "/collect/join", {"call": call.slug}, client=SCHOOL)
            body, token = {"call": call.slug, "n": 1}, joined.json()["token"]
            lent = await request(usual, "/collect/lease", body, token=token, client=SCHOOL)
            return [joined.status, lent.status]

    statuses = await asyncio.gather(*(open_link() for _ in range(PHONES)))

    assert statuses == [[200, 200]] * PHONES


async def test_a_person_who_asks_too_often_is_told_when_to_come_back(strict: Collecting) -> None:
    call = await new_call()
    body = {"call": call.slug}
    token = (await request(strict, "/collect/join", body)).json()["token"]
    first = await request(strict, "/collect/lease", {**body, "n": 1}, token=token)

    second = await request(strict, "/collect/lease", {**body, "n": 1}, token=token)

    assert first.status == 200
    assert second.status == 429
    assert second.headers["retry-after"] == "10"
    assert second.json() == {
        "type": "about:blank",
        "title": "too-many",
        "status": 429,
        "code": "too-many",
        "detail": "Too many requests came in a short time; wait 10 s, then send the same again.",
    }


async def test_an_address_is_refused_before_its_body_is_read(strict: Collecting) -> None:
    async def send_nonsense(client: str, forwarded: str | None = None) -> Reply:
        return await request(
            strict, "/collect/lease", raw=b"nonsense", client=client, forwarded=forwarded
        )

    from_one = [(await send_nonsense(SCHOOL)).status for _ in range(8)]
    behind_ours = [(await send_nonsense("10.0.0.1", f"{n}, 203.1.1.1")).status for n in range(8)]
    next_door = (await send_nonsense("10.0.0.1", "203.1.1.2")).status
    behind_unknown = [(await send_nonsense("127.0.0.1", "203.1.1.1")).status for _ in range(8)]

    assert from_one == behind_ours == [400] * 6 + [429] * 2
    assert next_door == 400
    assert behind_unknown == [400] * 8


async def test_one_address_makes_only_so_many_new_people_and_known_ones_still_join(
    door: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Three at once, and then one in fifty seconds.
    monkeypatch.setattr(app, "arrivals", Arrivals(address_rate=1, now=Clock()))
    call = await new_call()

    async def join(**key: str) -> Reply:
        return await request(door, "/collect/join", {"call": call.slug}, client=SCHOOL, **key)

    new = [await join() for _ in range(4)]
    token = new[0].json()["token"]
    known = [await join(token=token), await join(cookie=f"dure_person={token}")]
    stale = await join(cookie="dure_person=dure_p_made_up")
    on_purpose = await join(token="dure_p_made_up")
    elsewhere = await request(door, "/collect/join", {"call": call.slug}, client="198.51.99.8")

    assert [reply.status for reply in new] == [200, 200, 200, 429]
    assert new[3].headers["retry-after"] == "50"
    assert [reply.status for reply in known] == [200, 200]
    assert stale.status == 429
    assert stale.headers["retry-after"] == "50"
    assert stale.json()["code"] == "too-many"
    assert on_purpose.status == 401
    assert elsewhere.status == 200
