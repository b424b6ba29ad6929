"""What the collecting door counts: names, labels, bounds, and where each number stands.

All labels are listed here, from our own codes, so a client can not make a series by what it sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from dure import errors
from dure.calls.tasks import answers, values
from dure.doors.collect import exchange, hosts

OTHER = "other"
VERBS = ("join", "lease", "answers", "renew", "return", "undo", "news", OTHER)
# A request's time is dominated by its commit: the steps are finest around 100 ms.
SECONDS = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.075,
    0.1,
    0.15,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
)
TURNS = (1, 2, 4, 8, 16, 32, 64)
FATES = ("accepted", "late", "refused")
# What became of single answers, as the collecting functions name it.
ANSWER_REASONS = ("already-answered", "id-reused", "no-lease", "unknown-task")


def _codes_and_statuses() -> tuple[tuple[str, ...], tuple[str, ...]]:
    refusals = [
        one
        for module in (errors, answers, values, exchange, hosts)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, errors.Refusal)
    ]
    codes = {one.code for one in refusals} | {*ANSWER_REASONS}
    statuses = {str(one.status) for one in refusals} | {"200", "429", "500"}
    return (*sorted(codes), OTHER), (*sorted(statuses), OTHER)


REASONS, STATUSES = _codes_and_statuses()


@dataclass(frozen=True)
class Measure:
    """One metric; its numbers stand side by side from `first`, one or one row for each label."""

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    help: str
    first: int
    labels: tuple[str, ...] = ()
    values: tuple[tuple[str, ...], ...] = ()
    bounds: Sequence[float] = ()

    @property
    def width(self) -> int:
        """A histogram's row: one number for each bound, one for what is above, and the sum."""
        return len(self.bounds) + 2 if self.bounds else 1

    @property
    def end(self) -> int:
        return self.first + self.width * len(self.rows)

    @property
    def rows(self) -> list[tuple[str, ...]]:
        return list(product(*self.values))

    @property
    def places(self) -> dict[tuple[str, ...], int]:
        return {row: self.first + i * self.width for i, row in enumerate(self.rows)}


REQUESTS = Measure(
    "counter",
    "dure_collect_requests",
    "Requests to /collect/ that were answered.",
    0,
    labels=("verb", "status"),
    values=(VERBS, STATUSES),
)
REQUEST_SECONDS = Measure(
    "histogram",
    "dure_collect_seconds",
    "Time from a request's head to its reply, in seconds.",
    REQUESTS.end,
    labels=("verb",),
    values=(VERBS,),
    bounds=SECONDS,
)
WAITING = Measure(
    "gauge",
    "dure_collect_waiting",
    "Turns that wait to be committed now.",
    REQUEST_SECONDS.end,
)
COMMIT_TURNS = Measure(
    "histogram",
    "dure_collect_commit_turns",
    "Turns that one transaction committed.",
    WAITING.end,
    bounds=TURNS,
)
COMMIT_SECONDS = Measure(
    "histogram",
    "dure_collect_commit_seconds",
    "Time of one transaction with its commit, in seconds.",
    COMMIT_TURNS.end,
    bounds=SECONDS,
)
COMMITS_ALONE = Measure(
    "counter",
    "dure_collect_commits_alone",
    "Transactions that fell back to one turn each.",
    COMMIT_SECONDS.end,
)
REFUSED = Measure(
    "counter",
    "dure_collect_refused",
    "Requests and single answers that were refused, by code.",
    COMMITS_ALONE.end,
    labels=("reason",),
    values=(REASONS,),
)
ANSWERS = Measure(
    "counter",
    "dure_collect_answers",
    "Answers, by what became of them.",
    REFUSED.end,
    labels=("fate",),
    values=(FATES,),
)
MEASURES = (
    REQUESTS,
    REQUEST_SECONDS,
    WAITING,
    COMMIT_TURNS,
    COMMIT_SECONDS,
    COMMITS_ALONE,
    REFUSED,
    ANSWERS,
)
N_NUMBERS = ANSWERS.end
