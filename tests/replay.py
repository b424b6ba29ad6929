"""A recorded crowd walks through a real server: lost replies, doubled requests, forgotten tasks."""

from __future__ import annotations

import csv
import http.client
import io
import json
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.serving import READY_SECONDS_MAX, Server, run_dure

CLIENTS = 16
ANSWERS_PER_PERSON = 100
LEASE_SECONDS = 3
WON_PER_ANSWER = 30
REPEAT_SECONDS = 0.1
REPEATS_MAX = 900


@dataclass
class Organiser:
    """The organiser's side, by the API alone."""

    server: Server
    token: str

    def ask(self, method: str, path: str, body: object = None, *, kind: str = "json") -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json" if kind == "json" else kind,
        }
        connection.request(method, f"/api/v1{path}", body=content, headers=headers)
        reply = connection.getresponse()
        raw = reply.read()
        connection.close()
        assert reply.status < 400, (reply.status, raw[:500])
        is_json = "json" in reply.headers.get("Content-Type", "") and "format" not in path
        return json.loads(raw) if is_json else raw


def open_organisation(server: Server, folder: Path, **env: str) -> Organiser:
    created = run_dure(folder, "org", "create", "replay", "--owner", "owner@example.org", **env)
    assert created.returncode == 0, created.stderr
    token = run_dure(folder, "token", "create", "--org", "replay", **env)
    assert token.returncode == 0, token.stderr
    return Organiser(server, token.stdout.strip().splitlines()[-1])


@dataclass
class Crowd:
    """What was recorded, to draw from, and what the server acknowledged, to hold it to."""

    slug: str
    port: int
    recorded: dict[str, list[str]]
    key_of_task: dict[int, str] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    # Of more servers on the same database: each connection goes to the next one.
    other_ports: tuple[int, ...] = ()
    # How long each thinks about its tasks; set to 0, it hurries.
    think_seconds: float = 0.0
    refused: list[dict[str, str]] = field(default_factory=list)
    doubled: int = 0
    lost: int = 0
    forgotten: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def port_of(self, turn: int) -> int:
        ports = (self.port, *self.other_ports)
        return ports[turn % len(ports)]

    def draw(self, key: str, chance: random.Random) -> str:
        with self.lock:
            left = self.recorded[key]
            return left.pop() if len(left) > 1 else left[0]

    def note(self, reply: dict[str, Any]) -> None:
        with self.lock:
            self.accepted.update(reply["accepted"])
            self.late.update(reply["late"])
            self.refused += reply["refused"]


class Client(threading.Thread):
    """One phone after another at one place in the crowd; gives up only when nothing is left."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self.crowd = crowd
        self.chance = random.Random(number)
        self.connection: http.client.HTTPConnection | None = None
        self.turn = number
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while self.be_one_person():
                pass
        except BaseException as error:
            self.error = error
        finally:
            self.hang_up()

    def be_one_person(self) -> bool:
        """Answer until enough or nothing is left; tells whether there was anything to do."""
        self.token = None
        self.token = self.send("/collect/join", {})["token"]
        reply = self.send("/collect/lease", {"n": 5})
        done = 0
        while done < ANSWERS_PER_PERSON:
            if not reply["tasks"]:
                if not reply["more"]:
                    return done > 0
                time.sleep(0.3)
                reply = self.send("/collect/lease", {"n": 5})
                continue
            time.sleep(self.crowd.think_seconds)
            given = [self.answer(task) for task in reply["tasks"] if not self.forgets()]
            done += len(reply["tasks"])
            if not given:
                time.sleep(LEASE_SECONDS)
                reply = self.send("/collect/lease", {"n": 5})
                continue
            reply = self.send("/collect/answers", {"answers": given, "lease": 5})
            self.crowd.note(reply)
        return True

    def answer(self, task: dict[str, Any]) -> dict[str, Any]:
        key = task["content"]["text"]
        return {
            "id": str(UUID(int=self.chance.getrandbits(128), version=4)),
            "task": task["id"],
            "value": self.crowd.draw(key, self.chance),
            "ms": self.chance.randrange(500, 9000),
        }

    def forgets(self) -> bool:
        """One task in a hundred is laid aside till its lease has run out."""
        forgets = self.chance.random() < 0.01
        if forgets:
            with self.crowd.lock:
                self.crowd.forgotten += 1
            if self.chance.random() < 0.5:
                time.sleep(LEASE_SECONDS + 0.2)
                return False
        return forgets

    def send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """One request, sent twice one time in five; one reply in twenty is lost."""
        is_lost, is_doubled = self.chance.random() < 0.05, self.chance.random() < 0.2
        content = json.dumps({"call": self.crowd.slug, **body}).encode()
        if is_lost:
            self.crowd.lost += 1
            self.post(path, content, read=False)
        reply = self.post(path, content)
        if is_doubled and self.token:
            self.crowd.doubled += 1
            if self.crowd.other_ports:
                # The second time at another server.
                self.hang_up()
            again = self.post(path, content)
            if path == "/collect/answers":
                assert again["accepted"] == reply["accepted"]
                assert again["late"] == reply["late"]
                reply = again
        return reply

    def post(self, path: str, content: bytes, *, read: bool = True) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        for _ in range(REPEATS_MAX):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(
                        "127.0.0.1", self.crowd.port_of(self.turn), timeout=30
                    )
                    self.turn += 1
                self.connection.request("POST", path, body=content, headers=headers)
                if not read:
                    self.hang_up()
                    return {}
                response = self.connection.getresponse()
                raw = response.read()
                if response.status == 200:
                    return dict(json.loads(raw))
                assert response.status in (429, 502, 503), (path, response.status, raw)
            except (OSError, http.client.HTTPException):
                self.hang_up()
                if not read:
                    return {}
            time.sleep(REPEAT_SECONDS)
        raise AssertionError(f"{path} was not answered in {REPEATS_MAX} tries")

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def read_recorded(folder: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    chance = random.Random(7)
    recorded = defaultdict(list)
    with (folder / "answers.csv").open() as file:
        for row in csv.DictReader(file):
            recorded[row["task"]].append(row["answer"])
    for answers in recorded.values():
        chance.shuffle(answers)
    with (folder / "truth.csv").open() as file:
        truth = {row["task"]: row["truth"] for row in csv.DictReader(file)}
    return dict(recorded), truth


def open_call(organiser: Organiser, recorded: dict[str, list[str]]) -> dict[str, Any]:
    n_answers = max(len(answers) for answers in recorded.values())
    classes = sorted({answer for answers in recorded.values() for answer in answers})
    call = organiser.ask(
        "POST",
        "/calls",
        {
            "kind": "tasks",
            "title": "Does it follow?",
            "question": {
                "type": "choice",
                "text": "Does the second sentence follow from the first?",
                "options": [{"value": value, "label": value} for value in classes],
            },
            "answers": {
                "min": n_answers,
                "max": n_answers,
                "target": None,
                "lease_s": LEASE_SECONDS,
            },
            "promise": {"kind": "per_answer", "amount_minor": WON_PER_ANSWER, "currency": "KRW"},
        },
    )
    tasks = [{"key": key, "content": {"text": key}} for key in recorded]
    added = organiser.ask("POST", f"/calls/{call['id']}/tasks", {"tasks": tasks})
    assert (added["added"], added["same"], added["refused"]) == (len(tasks), 0, [])
    organiser.ask("POST", f"/calls/{call['id']}/open")
    return dict(call)


def be_first(crowd: Crowd) -> None:
    """One person alone, before the crowd."""
    client = Client(crowd, CLIENTS)
    assert client.be_one_person()
    client.hang_up()


def walk(crowd: Crowd, *, clients: int = CLIENTS) -> list[Client]:
    crew = [Client(crowd, number) for number in range(clients)]
    for client in crew:
        client.start()
    return crew


def finish(crew: list[Client], *, seconds_max: float = 900) -> None:
    deadline = time.monotonic() + seconds_max
    for client in crew:
        client.join(max(0.0, deadline - time.monotonic()))
        assert not client.is_alive(), f"{client.name} did not finish"
        assert client.error is None, client.error


def read_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def wait_for_verdicts(organiser: Organiser, call: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        verdicts = organiser.ask("GET", f"/calls/{call['id']}/verdicts")
        if verdicts["answers_seen"] == verdicts["answers_total"] > 0:
            return dict(verdicts)
        time.sleep(0.1)
    raise AssertionError("the verdicts did not catch up with the answers")


def majority_accuracy(rows: list[dict[str, str]], truth: dict[str, str]) -> float:
    """Share of tasks whose most frequent answer is the truth; a tie counts by its share."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        votes[row["task"]][row["answer"]] += 1
    right = 0.0
    for task, counts in votes.items():
        best = [label for label, n in counts.items() if n == max(counts.values())]
        right += (truth[task] in best) / len(best)
    return right / len(votes)
