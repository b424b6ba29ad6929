"""What /metrics tells, whom, and that neither clients nor killed processes distort it."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asgiref.testing import ApplicationCommunicator
from prometheus_client.parser import text_string_to_metric_families

from dure import asgi
from dure.calls.tasks import answers as verbs
from dure.calls.tasks.answers import Query
from dure.calls.tasks.turns import make_turn
from dure.doors.collect import groups as groups_module
from dure.doors.collect import measures, metrics
from dure.doors.collect.app import Collecting
from dure.doors.collect.counts import PAGE_BYTES, Counts
from dure.doors.collect.groups import Form, Groups, Rows
from dure.errors import Busy
from tests.asgi import Reply, request
from tests.phones import answer, join, lease, new_call
from tests.serving import Server, children_of, processes_of, running_server, wait_until

TOKEN = "a-token-of-the-operator-ü"
Sums = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Counts(n_numbers=measures.N_NUMBERS, passing=(measures.WAITING.first,))
    monkeypatch.setattr(metrics, "counts", fresh)


@pytest.fixture
def switched_on(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def read(text: bytes) -> Sums:
    """Each sample by its name and the values of its labels, in the order of the labels' names."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def told(sums: Sums) -> Sums:
    """The counters that are not zero."""
    return {key: value for key, value in sums.items() if value and key[0].endswith("_total")}


async def scrape(token: str | None = TOKEN, *, method: str = "GET") -> Reply:
    return await request(asgi.application, "/metrics", method=method, token=token)


async def page(path: str) -> tuple[int, bytes]:
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "http_version": "1.1",
    }
    asked = ApplicationCommunicator(
        asgi.application, {**scope, "headers": [(b"host", b"testserver")]}
    )
    await asked.send_input({"type": "http.request", "body": b""})
    start, body = await asked.receive_output(10), await asked.receive_output(10)
    await asked.wait()
    # For whoever chooses another language, a page holds its own address and a token made anew.
    content = re.sub(rb'value="[A-Za-z0-9]{64}"', b"", body["body"])
    return start["status"], content.replace(path.encode(), b"")


async def test_without_the_operators_setting_it_is_an_unknown_address_like_any(
    live_db: str,
) -> None:
    hidden, unknown = await page("/metrics"), await page("/nothing-here")

    assert hidden == unknown
    assert hidden[0] == 404


@pytest.mark.parametrize("token", [None, "wrong", TOKEN[:-1], TOKEN + "x"])
async def test_nobody_reads_without_the_operators_token(
    switched_on: None, token: str | None
) -> None:
    reply = await scrape(token)

    assert reply.status == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.json()["detail"] == (
        "Metrics are for the operator; send the token of DURE_METRICS_TOKEN as a Bearer token."
    )


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS"])
async def test_only_get_is_answered(switched_on: None, method: str) -> None:
    reply = await scrape(method=method)

    assert reply.status == 405
    assert reply.headers["allow"] == "GET"


async def test_text_is_prometheus_and_names_each_metric_with_its_help(switched_on: None) -> None:
    reply = await scrape()

    families = list(text_string_to_metric_families(reply.body.decode()))
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    assert {(one.name, one.type, one.documentation) for one in families} == {
        (one.name, one.kind, one.help) for one in measures.MEASURES
    }


async def test_requests_answers_and_refusals_of_the_door_are_counted(
    door: Collecting, switched_on: None
) -> None:
    call = await new_call()
    token = await join(door, call)
    [task] = await lease(door, call, token)
    await answer(door, call, token, task["id"], "yes")
    await answer(door, call, token, task["id"], "no")
    await answer(door, call, token, task["id"], "perhaps")
    await request(door, "/collect/lease", {"call": call.slug, "n": 1})

    sums = read((await scrape()).body)

    assert told(sums) == {
        ("dure_collect_requests_total", "200", "join"): 1,
        ("dure_collect_requests_total", "200", "lease"): 1,
        ("dure_collect_requests_total", "401", "lease"): 1,
        ("dure_collect_requests_total", "200", "answers"): 3,
        ("dure_collect_answers_total", "accepted"): 1,
        ("dure_collect_answers_total", "refused"): 2,
        ("dure_collect_refused_total", "already-answered"): 1,
        ("dure_collect_refused_total", "bad-value"): 1,
        ("dure_collect_refused_total", "no-token"): 1,
    }
    assert sums["dure_collect_seconds_count", "answers"] == 3
    assert sums["dure_collect_seconds_bucket", "+Inf", "answers"] == 3
    assert sums["dure_collect_seconds_sum", "answers"] > 0


async def test_each_turn_stands_in_one_commit_and_none_waits_in_the_end(
    door: Collecting, switched_on: None
) -> None:
    call = await new_call(answers_max=5)
    tokens = [await join(door, call) for _ in range(5)]
    # From here on the call is known, so those that come at once wait for nothing but each other.
    await lease(door, call, tokens.pop())

    await asyncio.gather(*(lease(door, call, token) for token in tokens))
    sums = read((await scrape()).body)

    assert sums["dure_collect_commit_turns_sum",] == 5
    assert 1 < sums["dure_collect_commit_turns_count",] < 5
    assert sums["dure_collect_commit_seconds_count",] == sums["dure_collect_commit_turns_count",]
    assert sums["dure_collect_commit_seconds_sum",] > 0
    assert sums["dure_collect_waiting",] == 0
    assert sums["dure_collect_commits_alone_total",] == 0


async def test_group_that_fails_is_told_as_such_and_its_turns_as_commits_of_one(
    switched_on: None,
) -> None:
    waiting = []

    async def fail_together(form: Form) -> Rows:
        waiting.append(metrics.counts.numbers[measures.WAITING.first])
        form()
        await asyncio.sleep(0)
        raise psycopg.errors.DeadlockDetected

    async def succeed_alone(query: Query) -> Rows:
        return [(None, None, "[]", False)]

    groups = Groups(ask=fail_together, ask_alone=succeed_alone)
    turns = [make_turn(key=f"dure_p_{n}", lease=1) for n in range(3)]

    await asyncio.gather(*(groups.take(1, turn) for turn in turns))
    sums = read((await scrape()).body)

    assert sums["dure_collect_commits_alone_total",] == len(waiting) == 1
    assert waiting == [3]
    assert sums["dure_collect_waiting",] == 0
    assert sums["dure_collect_commit_turns_bucket", "1.0"] == 3
    assert sums["dure_collect_commit_turns_sum",] == 3


async def test_group_that_all_had_left_before_it_had_a_connection_is_no_commit(
    switched_on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_left = asyncio.Event()

    async def wait_for_a_connection(form: Form) -> Rows:
        await have_left.wait()
        assert form() is None
        return []

    async def never(query: Query) -> Rows:
        raise AssertionError

    monkeypatch.setattr(groups_module, "WAIT_SECONDS_MAX", 0.05)
    groups = Groups(ask=wait_for_a_connection, ask_alone=never)

    with pytest.raises(Busy):
        await groups.take(1, make_turn(key="dure_p_1", lease=1))
    have_left.set()
    await asyncio.gather(*groups._running)
    sums = read((await scrape()).body)

    assert groups._lines == {}
    assert sums["dure_collect_commit_turns_count",] == 0
    assert sums["dure_collect_commit_seconds_count",] == 0


async def test_group_commits_are_told_by_size_time_and_what_waits(switched_on: None) -> None:
    metrics.note_commit(turns=1, seconds=0.004)
    metrics.note_commit(turns=3, seconds=0.06)
    metrics.note_commit(turns=500, seconds=60.0)
    metrics.note_alone()
    metrics.note_waiting(+7)
    metrics.note_waiting(+2)
    metrics.note_waiting(-1)
    metrics.note_answers(accepted=2, late=1, refused=["no-lease"])

    sums = read((await scrape()).body)

    turns = [sums["dure_collect_commit_turns_bucket", f"{n}.0"] for n in measures.TURNS]
    assert turns == [1, 1, 2, 2, 2, 2, 2]
    assert sums["dure_collect_commit_turns_count",] == 3
    assert sums["dure_collect_commit_turns_sum",] == 504
    assert sums["dure_collect_commit_seconds_bucket", "0.005"] == 1
    assert sums["dure_collect_commit_seconds_bucket", "10.0"] == 2
    assert sums["dure_collect_commit_seconds_sum",] == pytest.approx(60.064)
    assert sums["dure_collect_commits_alone_total",] == 1
    assert sums["dure_collect_waiting",] == 8
    assert [sums["dure_collect_answers_total", fate] for fate in measures.FATES] == [2, 1, 1]
    assert sums["dure_collect_refused_total", "no-lease"] == 1


async def test_nothing_that_a_client_sends_makes_a_series(
    door: Collecting, switched_on: None
) -> None:
    before = read((await scrape()).body)

    for n in range(5):
        await request(door, f"/collect/verb-{n}", {"call": f"call-{n}"}, token=f"token-{n}")
        await request(door, "/collect/lease", {}, method=f"BREW{n}", token=f"token-{n}")
        await request(door, "/collect/join", {"call": f"none-{n}", "source": f"tag-{n}"})
        await request(door, "/collect/undo", raw=b"\xff{", token=f"token-{n}")
    metrics.note_refused("a-code-that-nobody-listed")
    after = read((await scrape()).body)

    assert after.keys() == before.keys()
    assert told(after) == {
        ("dure_collect_requests_total", "404", "other"): 5,
        ("dure_collect_requests_total", "405", "lease"): 5,
        ("dure_collect_requests_total", "404", "join"): 5,
        ("dure_collect_requests_total", "400", "undo"): 5,
        ("dure_collect_refused_total", "unknown"): 5,
        ("dure_collect_refused_total", "method-not-allowed"): 5,
        ("dure_collect_refused_total", "unknown-call"): 5,
        ("dure_collect_refused_total", "not-json"): 5,
        ("dure_collect_refused_total", "other"): 1,
    }


def test_mistake_of_ours_counts_as_500_and_a_refusal_as_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), metrics.OneRequest("/collect/lease"):
        raise ZeroDivisionError
    with metrics.OneRequest("/collect/lease") as noted:
        refusal = Busy()
        assert noted.refused(refusal) is refusal

    sums = metrics.counts.sums()
    assert sums[measures.REQUESTS.places["lease", "500"]] == 1
    assert sums[measures.REQUESTS.places["lease", "503"]] == 1
    assert sums[measures.REFUSED.places["busy",]] == 1


def test_every_reason_that_the_database_gives_has_a_label_of_its_own() -> None:
    text = (Path(verbs.__file__).parent / "turns.sql").read_text()

    found = set(re.findall(r"(?:then|else|:=) '([a-z]+-[a-z-]+)'", text))
    assert {"bad-value", *measures.ANSWER_REASONS} == found
    assert {"busy", "no-token", "too-large", "not-open", "bad-value"} < set(measures.REASONS)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("metrics") / "data"
    with running_server(folder, env={"DURE_METRICS_TOKEN": "secret"}, workers=2) as server:
        yield server


def refused_leases(server: Server, n: int) -> int:
    """So many at once, each on a connection of its own, so that both processes get some."""
    connections = [http.client.HTTPConnection("127.0.0.1", server.port) for _ in range(n)]
    for connection in connections:
        connection.request("POST", "/collect/lease", b"{}")
    statuses = [connection.getresponse().status for connection in connections]
    for connection in connections:
        connection.close()
    assert statuses == [401] * n
    return n


def counted(server: Server) -> float:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        connection.request("GET", "/metrics", headers={"Authorization": "Bearer secret"})
        reply = connection.getresponse()
        assert reply.status == 200
        return read(reply.read())["dure_collect_requests_total", "401", "lease"]


def pages(server: Server) -> list[float]:
    """What each process has counted of them, read past the server."""
    content = (Path(server.environment["DURE_DATA"]) / metrics.FILE).read_bytes()
    numbers = memoryview(content).cast("d")
    step = PAGE_BYTES // numbers.itemsize
    place = measures.REQUESTS.places["lease", "401"]
    return [numbers[at + place] for at in range(0, len(numbers), step)]


def test_sums_stay_right_over_processes_that_are_killed_and_started_again(served: Server) -> None:
    [web] = processes_of(served, "web")
    wait_until(lambda: len(children_of(web)) == 2 and len(pages(served)) == 2)
    sent = 0
    while not all(pages(served)):
        sent += refused_leases(served, 16)
        assert sent < 10_000
    assert counted(served) == sent == sum(pages(served))

    before = children_of(web)
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len({*children_of(web)} - {before[0]}) == 2)
    counts_of_both = pages(served)
    while any(now == then for now, then in zip(pages(served), counts_of_both, strict=True)):
        sent += refused_leases(served, 16)
        assert sent < 10_000

    assert counted(served) == sent
    assert len(pages(served)) == 2
