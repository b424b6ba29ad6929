"""A crowd of phones in one process: each leases a task and answers it, over and over, by HTTP.

It shares the machine with what it measures, so it is made to cost little: one epoll, one blocking
socket a phone, requests that are made beforehand, and of each reply only what is needed. Run as a
program, it reads a `Plan` as JSON from its input and writes what `run_phones` gives.

A phone acts as another of its own people in each cycle, since one person has one phone. Every
reply is checked: 200, a task that the person has not answered, the answer accepted. A plan that is
patient sends a request again, over a new connection, when the server is away or busy, for as long
as it takes: what was acknowledged then is in `ids`.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

import orjson

LENGTH = b"content-length: "
REST_SECONDS = 0.05
SILENCE_SECONDS_MAX = 30.0
WARM_SHARE_MAX = 0.25
HEAD = (
    "POST /collect/{verb} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)


@dataclass(frozen=True)
class Plan:
    """`cycles_max` ends a round early, before the call has no task left: 0 is no limit.

    At most a quarter of them pass while warming up.
    """

    port: int
    call: str
    clients: int
    people_each: int
    seconds: float
    warm_seconds: float = 2.0
    cycles_max: int = 0
    people_from: int = 1
    seed: int = 0
    is_patient: bool = False


@dataclass
class Outcome:
    """What happened after warming up; `accepted` and `ids` (of a patient plan) are of all time."""

    cycles: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0
    lease_us: list[int] = field(default_factory=list)
    answer_us: list[int] = field(default_factory=list)
    accepted: int = 0
    late: int = 0
    refused: int = 0
    retried: int = 0
    ids: list[str] = field(default_factory=list)


class WrongReplyError(Exception):
    """The server did not reply as it should under load."""


def key_of(person: int) -> str:
    return f"dure_p_{person}"


def run_phones(plan: Plan) -> Outcome:
    crowd = _Crowd(plan)
    crowd.run()
    return crowd.outcome


class _Crowd:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.outcome = Outcome()
        self.random = Random(plan.seed or time.time_ns())
        self.is_timed = False
        self.is_ending = False
        self.n_cycles = 0
        self._poll = select.epoll()
        self._phones: dict[int, _Phone] = {}
        self._resting: list[tuple[float, _Phone]] = []

    def run(self) -> None:
        phones = [_Phone(self, number) for number in range(self.plan.clients)]
        for phone in phones:
            phone.connect()
        begun = time.perf_counter()
        timed_from, end = begun + self.plan.warm_seconds, 0.0
        for phone in phones:
            phone.begin_cycle()
        processor_seconds = 0.0
        while self._phones or self._resting:
            now = time.perf_counter()
            if not end and (now >= timed_from or self._has_done(WARM_SHARE_MAX)):
                self.is_timed, timed_from = True, now
                end, processor_seconds = now + self.plan.seconds, time.process_time()
            if not self.is_ending and end and (now >= end or self._has_done(1.0)):
                self.outcome.seconds = now - timed_from
                self.outcome.processor_seconds = time.process_time() - processor_seconds
                self.is_timed, self.is_ending = False, True
            self._receive()

    def _has_done(self, share: float) -> bool:
        return 0 < self.plan.cycles_max * share <= self.n_cycles

    def join(self, phone: _Phone, connection: socket.socket) -> None:
        self._phones[connection.fileno()] = phone
        self._poll.register(connection, select.EPOLLIN)

    def leave(self, connection: socket.socket) -> None:
        if self._phones.pop(connection.fileno(), None):
            self._poll.unregister(connection)
        connection.close()

    def rest(self, phone: _Phone) -> None:
        if not self.plan.is_patient:
            raise WrongReplyError("The server ended a connection, or was busy.")
        self.outcome.retried += 1
        self._resting.append((time.perf_counter() + REST_SECONDS, phone))

    def _receive(self) -> None:
        timeout = REST_SECONDS / 5 if self._resting else SILENCE_SECONDS_MAX
        events = self._poll.poll(timeout)
        if not events and not self._resting:
            raise WrongReplyError(f"The server was silent for {timeout:.0f} s.")
        for number, _ in events:
            if phone := self._phones.get(number):
                phone.receive()
        if self._resting:
            now = time.perf_counter()
            ready = [phone for at, phone in self._resting if at <= now]
            self._resting = [(at, phone) for at, phone in self._resting if at > now]
            for phone in ready:
                phone.try_again()


class _Phone:
    """One connection; it always waits for exactly one reply."""

    def __init__(self, crowd: _Crowd, number: int) -> None:
        plan = crowd.plan
        self._crowd = crowd
        self._is_patient = plan.is_patient
        first = plan.people_from + number * plan.people_each
        self._people = [_Person(plan.call, first + n) for n in range(plan.people_each)]
        self._turn = 0
        self._person = self._people[0]
        self._is_leasing = True
        self._task = 0
        self._answer = ""
        self._request = b""
        self._sent_at = 0.0
        self._part = b""
        self._socket: socket.socket | None = None

    def connect(self) -> None:
        connection = socket.create_connection(("127.0.0.1", self._crowd.plan.port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._crowd.join(self, connection)

    def begin_cycle(self) -> None:
        self._turn = (self._turn + 1) % len(self._people)
        self._person = self._people[self._turn]
        self._is_leasing = True
        self._send(self._person.lease)

    def try_again(self) -> None:
        try:
            if self._socket is None:
                self.connect()
            self._send(self._request)
        except OSError:
            self._lose()

    def receive(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        data = self._part + data
        end = data.find(b"\r\n\r\n")
        at = data.find(LENGTH, 0, end) + len(LENGTH)
        body = data[end + 4 :]
        if end < 0 or len(body) < int(data[at : data.find(b"\r\n", at)]):
            self._part = data
            return
        self._part = b""
        us = round((time.perf_counter() - self._sent_at) * 1e6)
        if data.startswith(b"HTTP/1.1 200"):
            self._read(orjson.loads(body), us)
        elif self._is_patient and data[9:12] in (b"503", b"429"):
            self._crowd.rest(self)
        else:
            raise WrongReplyError(data.decode())

    def _read(self, reply: Any, us: int) -> None:
        outcome = self._crowd.outcome
        if self._is_leasing:
            if self._crowd.is_timed:
                outcome.lease_us.append(us)
            self._read_lease(reply)
            return
        if self._crowd.is_timed:
            outcome.answer_us.append(us)
            outcome.cycles += 1
        self._crowd.n_cycles += 1
        self._read_fate(reply)
        if self._crowd.is_ending:
            assert self._socket is not None
            self._crowd.leave(self._socket)
        else:
            self.begin_cycle()

    def _read_lease(self, reply: Any) -> None:
        if len(reply["tasks"]) != 1:
            raise WrongReplyError(f"One task was asked for, {reply!r} came; are there too few?")
        self._task = reply["tasks"][0]["id"]
        if self._task in self._person.answered:
            raise WrongReplyError(f"Task {self._task} was leased to a person who had answered it.")
        self._is_leasing = False
        digits = f"{self._crowd.random.getrandbits(128):032x}"
        self._answer = "-".join(
            (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        )
        value = "abcd"[self._task & 3]
        self._send(self._person.answer % (self._answer.encode(), self._task, value.encode()))

    def _read_fate(self, reply: Any) -> None:
        outcome = self._crowd.outcome
        if reply["accepted"] == [self._answer]:
            outcome.accepted += 1
            self._person.answered.add(self._task)
        elif not self._is_patient:
            raise WrongReplyError(f"An answer was not accepted: {reply!r}")
        elif reply["late"] == [self._answer]:
            outcome.late += 1
        else:
            outcome.refused += 1
            return
        if self._is_patient:
            outcome.ids.append(self._answer)

    def _send(self, request: bytes) -> None:
        self._request = request
        self._sent_at = time.perf_counter()
        assert self._socket is not None
        try:
            self._socket.send(request)
        except OSError:
            self._lose()

    def _lose(self) -> None:
        if self._socket is not None:
            self._crowd.leave(self._socket)
            self._socket = None
        self._part = b""
        self._crowd.rest(self)


class _Person:
    """Both requests, but for what is new in each answer; spaces keep the length the same."""

    def __init__(self, call: str, number: int) -> None:
        lease = orjson.dumps({"call": call, "n": 1}).decode()
        answer = (
            f'{{"call":"{call}","answers":[{{"id":"%36b","task":%19d,"value":"%b","ms":1200}}],'
            '"lease":0}'
        )
        length = len(answer.encode() % (b"-" * 36, 1, b"a"))
        key = key_of(number)
        self.lease = _head("lease", key, len(lease)) + lease.encode()
        self.answer = _head("answers", key, length) + answer.encode()
        self.answered: set[int] = set()


def _head(verb: str, key: str, length: int) -> bytes:
    return HEAD.format(verb=verb, key=key, length=length).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(
        orjson.dumps(asdict(run_phones(Plan(**orjson.loads(sys.stdin.read())))))
    )
