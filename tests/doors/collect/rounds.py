"""Rounds of requests that are sent at the same moment: drawn as wishes, written as HTTP.

A wish names keys, tasks and answers by small numbers; what they mean goes by what happened before,
so that a shrunk history is still one. Half of the numbers mean "what this key was handed last".
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st

from dure.doors.collect.app import Collecting
from tests.asgi import Reply, request
from tests.doors.collect.orm_model import Given

KEYS, CALLS, TASKS, ROUND_MAX = 7, 2, 5, 12
NAMESPACE = UUID("5f3cbe0e-6f7e-4f3c-8d55-0c3a54a8f3b1")
SHARES = {"yes": 0.75}
# The last bad ones are refused; a text's words are stored without the space around them.
SAMPLES: dict[str, list[tuple[Any, dict[str, Any]]]] = {
    "choice": [
        ({"value": "yes"}, {"value": "yes"}),
        ({"value": "no", "prediction": SHARES}, {"value": "no", "prediction": SHARES}),
        ({"value": None}, {"is_skip": True}),
        ({"value": "yes", "ms": 1200}, {"value": "yes", "ms": 1200}),
        ({"value": "no", "phase": "first"}, {"value": "no"}),
        ({"value": "maybe"}, {"fault": "form"}),
        ({"value": "yes", "prediction": {"yes": 2}}, {"fault": "form"}),
        ({"value": "yes", "phase": "revision"}, {"fault": "form"}),
    ],
    "text": [
        ({"value": "a crane"}, {"text": "a crane"}),
        ({"value": " heron 왜가리 "}, {"text": "heron 왜가리"}),
        ({"value": None}, {"is_skip": True}),
        ({"value": "a crane", "ms": 7}, {"text": "a crane", "ms": 7}),
        ({"value": "null"}, {"text": "null"}),
        ({"value": "  "}, {"fault": "form"}),
        ({"value": ["a crane"]}, {"fault": "form"}),
        ({"value": "a crane", "phase": "revision"}, {"fault": "form"}),
    ],
    "rank": [
        ({"value": ["a", "b", "c"]}, {"value": ["a", "b", "c"]}),
        ({"value": ["c"]}, {"value": ["c"]}),
        ({"value": None}, {"is_skip": True}),
        ({"value": ["b", "a"], "ms": 0}, {"value": ["b", "a"], "ms": 0}),
        ({"value": ["a", "z"]}, {"fault": "items"}),
        ({"value": []}, {"fault": "form"}),
        ({"value": ["a", "a"]}, {"fault": "form"}),
        ({"value": ["a"], "prediction": {"a": 1}}, {"fault": "form"}),
    ],
}  # fmt: skip
QUESTIONS: dict[str, dict[str, Any]] = {
    "choice": {"type": "choice", "text": "A bird?", "options": ["yes", "no"], "predict": True},
    "text": {"type": "text", "text": "What is it called?"},
    "rank": {"type": "rank", "text": "In which order?"},
}


@dataclass(frozen=True)
class Answering:
    """An answer to come: which task, which value, and how its id is chosen."""

    task: int
    sample: int
    id: int
    is_shouted: bool


@dataclass(frozen=True)
class Wish:
    kind: str
    key: int = 0
    call: int = 0
    n: int = 0
    tasks: tuple[int, ...] = ()
    answers: tuple[Answering, ...] = ()


@dataclass(frozen=True)
class Sent:
    """One request as it goes out, and what it is about."""

    kind: str
    call: int
    key: int
    path: str
    body: bytes
    token: str | None
    n: int = 0
    tasks: tuple[int, ...] = ()
    given: tuple[tuple[str, Given], ...] = ()
    refusal: tuple[int, str] | None = None


calls = st.integers(0, CALLS - 1)
keys = st.integers(0, KEYS - 1)
few_keys = st.sampled_from([0, 0, 1])
numbers = st.integers(0, 2 * TASKS)
ones = st.builds(
    Answering,
    task=st.one_of(st.integers(0, TASKS - 1), numbers),
    sample=st.sampled_from([0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7]),
    id=st.sampled_from([9, 9, 9, 9, 9, 9, 0, 1, 2]),
    is_shouted=st.sampled_from([False, False, False, True]),
)


def wishes(keys: st.SearchStrategy[int], calls: st.SearchStrategy[int]) -> st.SearchStrategy[Wish]:
    def of(kind: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Wish]:
        return st.builds(Wish, kind=st.just(kind), key=keys, call=calls, **more)

    some = st.lists(numbers, min_size=1, max_size=3).map(tuple)
    answers = of(
        "answers",
        n=st.sampled_from([0, 0, 0, 1, 2, 4]),
        answers=st.lists(ones, min_size=1, max_size=4).map(tuple),
    )
    lease = of("lease", n=st.integers(1, TASKS))
    back = st.integers(0, 5)
    return st.one_of(
        answers, answers, answers, lease, lease, of("renew", tasks=some), of("return", tasks=some),
        of("undo", n=back), of("undo", n=back), of("repeat", n=back),
        of("repeat", n=back), of("join"),
        of("malformed", n=st.integers(0, len(MALFORMED) - 1)),
    )  # fmt: skip


@dataclass
class Writer:
    """Writes wishes as requests; remembers what was sent and what each key was handed."""

    slugs: list[str]
    types: list[str]
    task_ids: list[list[int]]
    tokens: list[str]
    handed: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    ids: list[list[str]] = field(default_factory=lambda: [[] for _ in range(CALLS)])
    mine: dict[tuple[int, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    sent: list[Sent] = field(default_factory=list)

    def write(self, wish: Wish) -> Sent:
        given = [sent for sent in self.sent if sent.kind == "answers"]
        if wish.kind == "repeat" and given:
            return given[-1 - wish.n % len(given)]
        sent = self._write(wish if wish.kind != "repeat" else replace(wish, kind="lease", n=1))
        self.sent.append(sent)
        return sent

    def _write(self, wish: Wish) -> Sent:
        to = Sent(
            wish.kind, wish.call, wish.key, f"/collect/{wish.kind}", b"", self.tokens[wish.key]
        )
        match wish.kind:
            case "join":
                return self._with_body(to)
            case "lease":
                return self._with_body(replace(to, n=wish.n), n=wish.n)
            case "renew" | "return":
                tasks = tuple(self._task(wish, number) for number in wish.tasks)
                ids = [self.id_of(wish.call, task) for task in tasks]
                return self._with_body(replace(to, tasks=tasks), tasks=ids)
            case "undo":
                known = self.mine[wish.call, wish.key] if wish.n < 4 else self.ids[wish.call]
                identity = known[-1 - wish.n % len(known)] if known else self._fresh(wish.call)
                given = (identity, Given(UUID(identity), 0))
                return self._with_body(replace(to, given=(given,)), answer=identity)
            case "answers":
                return self._answers(to, wish)
        path, body, token, status, code = MALFORMED[wish.n](self, wish)
        return replace(to, path=path, body=body, token=token, refusal=(status, code))

    def _answers(self, to: Sent, wish: Wish) -> Sent:
        given, written = [], []
        for one in wish.answers:
            identity = self._identity(wish.call, one)
            self.mine[wish.call, wish.key].append(identity)
            task = self._task(wish, one.task)
            samples = SAMPLES[self.types[wish.call]]
            raw, read = samples[one.sample]
            given.append((identity, Given(UUID(identity), task, **read)))
            written.append({"id": identity, "task": self.id_of(wish.call, task), **raw})
        lease = {"lease": wish.n} if wish.n else {}
        return self._with_body(replace(to, given=tuple(given), n=wish.n), answers=written, **lease)

    def _identity(self, call: int, one: Answering) -> str:
        known = self.ids[call]
        identity = known[-1 - one.id] if one.id < len(known) else self._fresh(call)
        if identity not in known:
            known.append(identity)
        return identity.upper() if one.is_shouted else identity

    def _fresh(self, call: int) -> str:
        return str(uuid5(NAMESPACE, f"{self.slugs[call]} {len(self.ids[call])}"))

    def _task(self, wish: Wish, number: int) -> int:
        """Small numbers are what the key was handed last; the last is a task that is not there."""
        handed = self.handed[wish.call, wish.key]
        if number < TASKS and handed:
            return handed[-1 - number % len(handed)]
        return number % TASKS if number < 2 * TASKS else TASKS

    def id_of(self, call: int, task: int) -> int:
        return self.task_ids[call][task] if task < TASKS else 2**50

    def _with_body(self, sent: Sent, **fields: Any) -> Sent:
        body = {"call": self.slugs[sent.call], **fields}
        return replace(sent, body=json.dumps(body).encode())

    def hand(self, sent: Sent, tasks: list[int]) -> None:
        handed = self.handed[sent.call, sent.key]
        for task in reversed(tasks):
            if task in handed:
                handed.remove(task)
            handed.append(task)


async def send_round(door: Collecting, requests: list[Sent]) -> list[tuple[Sent, Reply]]:
    """All at once; the replies in the order in which they came."""
    replies: list[tuple[Sent, Reply]] = []

    async def send(sent: Sent) -> None:
        reply = await request(door, sent.path, raw=sent.body, token=sent.token)
        replies.append((sent, reply))

    await asyncio.gather(*(send(sent) for sent in requests))
    return replies


def strike(
    kind: str, status: int, code: str, *, token: str | None = None, **fields: Any
) -> Callable[[Writer, Wish], tuple[str, bytes, str | None, int, str]]:
    """A request that is well formed but for what the fields break; "-" leaves the token out."""

    def write(writer: Writer, wish: Wish) -> tuple[str, bytes, str | None, int, str]:
        good = {
            "id": str(uuid5(NAMESPACE, f"never stored {writer.slugs[wish.call]}")),
            "task": writer.id_of(wish.call, writer._task(wish, 0)),
            "value": SAMPLES[writer.types[wish.call]][0][0]["value"],
        }
        whole = {"call": writer.slugs[wish.call], "n": 1, "tasks": [good["task"]]}
        answers = [good, *([good | fields.get("answer", {})] if "answer" in fields else [])]
        body = whole | {"answers": answers} | {k: v for k, v in fields.items() if k != "answer"}
        key = None if token == "-" else token or writer.tokens[wish.key]
        return f"/collect/{kind}", json.dumps(body).encode(), key, status, code

    return write


def cut(writer: Writer, wish: Wish) -> tuple[str, bytes, str | None, int, str]:
    path, body, token, *_ = strike("answers", 0, "")(writer, wish)
    return path, body[:-2], token, 400, "not-json"


MALFORMED = [
    cut,
    strike("answers", 401, "no-token", token="-"),
    strike("answers", 401, "no-token", token="dure_p_nobody"),
    strike("answers", 403, "outside-scope", token="dure_o_organiser"),
    strike("answers", 404, "unknown-call", call="no-such-call"),
    strike("answers", 422, "wrong-fields", answers=[]),
    strike("answers", 422, "wrong-fields", answer={"phase": "third"}),
    strike("answers", 422, "wrong-fields", answer={"id": "seven"}),
    strike("answers", 422, "wrong-fields", answer={"task": "seven"}),
    strike("answers", 422, "wrong-fields", answer={"ms": -1}),
    strike("answers", 422, "wrong-fields", lease=51),
    strike("lease", 422, "wrong-fields", n=0),
    strike("renew", 422, "wrong-fields", tasks=["seven"]),
]
