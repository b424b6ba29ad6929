"""Whether the replies of a round, and the tables after it, are what the plain model gives.

The requests of a round may be served in any order, so they agree if there is an order in which the
twins give the same replies and end with the same tables. A request that answers and then leases is
two parts, between which others may come. Where seats are scarce a lease may pass over a task that
another request of the round was busy with, and `more` may have seen that task before or after.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from dure.calls.tasks.models import Answer
from dure.people.models import PersonMerge
from tests.asgi import Reply
from tests.doors.collect.orm_model import Given, Refused, Twin
from tests.doors.collect.rounds import TASKS, Sent

# How many requests a twin may serve in search of an order for one round.
TRIES_MAX = 600
ALL = frozenset(range(TASKS))
# What a refusal says of tasks and answers.
NOTHING: dict[str, Any] = {
    "contributor": "", "accepted": [], "late": [], "refused": [], "renewed": [], "returned": [],
    "tasks": [], "more": False,
}  # fmt: skip


@dataclass
class Part:
    """What the twins are asked for one reply, or for the half of it that leases."""

    place: int
    sent: Sent
    reply: dict[str, Any]
    status: int
    person: int
    # The tasks and answers that it is about, and those that other requests are busy with.
    tasks: frozenset[int]
    ids: frozenset[object]
    is_lease: bool
    after: int | None = None
    busy: frozenset[int] = frozenset()
    counting: frozenset[int] = frozenset()

    def meets(self, other: Part) -> bool:
        """Whether it may matter which of the two comes first."""
        return self.sent.call == other.sent.call and bool(
            self.person == other.person or self.tasks & other.tasks or self.ids & other.ids
        )


@dataclass
class Round:
    twins: list[Twin]
    keys: list[str]
    parts: list[Part]
    # For each call, tasks with a lease that had run out when the round began.
    ran_out: list[frozenset[int]]
    is_same: Callable[[int], bool]
    n_tries: int = 0
    # What the twins last gave instead of each reply, for whoever looks for the reason.
    missed: dict[int, str] = field(default_factory=dict)

    def has_order(self) -> bool:
        """Whether there is one; requests of different calls never meet, so each call has its own.

        Raises TooManyOrders; then nothing was served of the call that has them.
        """
        return all(self._has_order(call) for call in range(len(self.twins)))

    def _has_order(self, call: int) -> bool:
        self.n_tries = 0
        with transaction.atomic():
            return self._serve([part for part in self.parts if part.sent.call == call], None, call)

    def _serve(self, left: list[Part], last: Part | None, call: int) -> bool:
        """Serve what is left in some order; if none agrees, nothing of it was served."""
        if not left:
            return self.is_same(call)
        for part in left:
            if any(one.place == part.after for one in left):
                continue
            # Of two parts that do not meet only one order need be tried.
            if last is not None and part.place < last.place and not part.meets(last):
                continue
            self.n_tries += 1
            if self.n_tries > TRIES_MAX:
                raise TooManyOrders
            try:
                with transaction.atomic():
                    others = [one for one in left if one is not part]
                    if self._agrees(part) and self._serve(others, part, call):
                        return True
                    raise WrongOrder
            except WrongOrder:
                continue
        return False

    def _agrees(self, part: Part) -> bool:
        if part.sent.refusal is not None:
            return (part.status, part.reply.get("code")) == part.sent.refusal
        twin, key = self.twins[part.sent.call], self.keys[part.sent.key]
        try:
            wanted, got = self._ask(twin, key, part)
        except Refused as refused:
            wanted, got = (refused.status, refused.code), (part.status, part.reply.get("code"))
        else:
            wanted, got = (200, wanted), (part.status, got)
        if wanted != got:
            self.missed[part.place] = (
                f"{part.place} {part.sent.kind}: the model {wanted}, not {got}"
            )
        return wanted == got

    def _ask(self, twin: Twin, key: str, part: Part) -> tuple[Any, Any]:
        """What the twin says, and what the reply says."""
        sent, reply = part.sent, NOTHING | part.reply
        if part.is_lease:
            return self._leases(twin, key, part)
        match sent.kind:
            case "join":
                return twin.join(key, reply["contributor"]), reply["contributor"]
            case "answers":
                return self._fates(twin, key, sent), fates_of(reply)
            case "renew":
                return twin.renew(key, list(sent.tasks)), leases_of(twin, reply["renewed"])
            case "return":
                returned = frozenset(number_of(twin, task) for task in reply["returned"])
                gone = self.ran_out[sent.call] & returned
                return twin.give_back(key, list(sent.tasks), gone), sorted(returned)
        twin.undo(key, sent.given[0][1].id)
        return sent.given[0][0], reply.get("undone")

    def _leases(self, twin: Twin, key: str, part: Part) -> tuple[Any, Any]:
        reply = NOTHING | part.reply
        tasks = leases_of(twin, reply["tasks"])
        if part.sent.kind == "answers" and not twin.is_open():
            return ([], False), (tasks, reply["more"])
        got = [task for task, _ in tasks]
        taken = twin.take_tasks(key, part.sent.n, busy=part.busy, got=got)
        surely = taken.is_full or bool(taken.wanted - part.counting)
        maybe = surely or bool(taken.wanted) or bool(taken.open & part.counting)
        more = reply["more"] if reply["more"] in (surely, maybe) else surely
        return (taken.tasks, more), (tasks, reply["more"])

    def _fates(self, twin: Twin, key: str, sent: Sent) -> list[tuple[str, str]]:
        fates = twin.record_answers(key, [given for _, given in sent.given])
        spelled = [spelling for spelling, _ in sent.given]
        return sorted(zip(spelled, fates, strict=True))


class WrongOrder(Exception):
    pass


class TooManyOrders(Exception):
    """This round can not be told, nor what comes after it."""


def parts_of(
    twins: list[Twin], replies: list[tuple[Sent, Reply]], persons: list[int]
) -> list[Part]:
    """The parts in the order of their replies, each with what the others were busy with."""
    parts: list[Part] = []
    for sent, reply in replies:
        person, status, body = persons[sent.key], reply.status, reply.json()
        ids = frozenset(given.id for _, given in sent.given)
        tasks = frozenset(sent.tasks)
        is_answers = sent.kind == "answers"
        if is_answers:
            tasks = frozenset(given.task for _, given in sent.given)
        if sent.kind == "undo":
            tasks = tasks_of_answers(twins[sent.call], ids)
        handed = body.get("tasks", []) if status == 200 else []
        got = frozenset(number_of(twins[sent.call], task["id"]) for task in handed)
        first = len(parts)
        if sent.kind != "lease":
            parts.append(Part(first, sent, body, status, person, tasks, ids, is_lease=False))
        if sent.kind == "lease" or (is_answers and sent.n and status == 200):
            after = first if is_answers else None
            place = len(parts)
            none: frozenset[object] = frozenset()
            parts.append(
                Part(place, sent, body, status, person, got, none, is_lease=True, after=after)
            )
    return parts


def mark_busy(parts: list[Part], ran_out: list[frozenset[int]]) -> None:
    for part in parts:
        others = [one for one in parts if one.sent.call == part.sent.call and one is not part]
        # Requests of one person wait for each other.
        alien = [one for one in others if one.person != part.person]
        touched = frozenset().union(*(one.tasks for one in alien))
        # Whoever leases or takes back also clears away what ran out.
        if any(one.is_lease or one.sent.kind == "undo" for one in alien):
            touched |= ran_out[part.sent.call]
        part.busy = touched
        counting = [one for one in alien if one.sent.kind in ("answers", "undo")]
        tasks = [one.tasks for one in counting if not one.is_lease]
        part.counting = frozenset().union(*tasks) & ALL


def tasks_of_answers(twin: Twin, ids: frozenset[Any]) -> frozenset[int]:
    """An answer that is taken back may have come in the same round: then it is about any task."""
    found = Answer.objects.filter(call_id=twin.call_id, id__in=ids).values_list(
        "task_id", flat=True
    )
    return frozenset(twin.ids.index(task) for task in found) or ALL


def fates_of(reply: dict[str, Any]) -> list[tuple[str, str]]:
    kept = [(one, fate) for fate in ("accepted", "late") for one in reply[fate]]
    return sorted([*kept, *((one["id"], one["reason"]) for one in reply["refused"])])


def leases_of(twin: Twin, leases: list[dict[str, Any]]) -> list[tuple[int, datetime]]:
    return [
        (number_of(twin, lease["id"]), datetime.fromisoformat(lease["until"])) for lease in leases
    ]


def number_of(twin: Twin, task: int) -> int:
    """The number of a task of the call that the twin is the twin of."""
    return twin.original_ids.index(task)


def tables_of(call_id: int, task_ids: list[int], now: datetime) -> dict[str, Any]:
    """All that a call's tables say, told by pseudonyms and numbers of tasks."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES, {"call": call_id})
        found = cursor.fetchone()[0]
    tables = json.loads(found) if isinstance(found, str) else found
    number = {task: n for n, task in enumerate(task_ids)}
    group = {one: min(names) for names in tables["persons"] for one in names}
    # Which of one person's browsers holds a seat may go either way. What ran out holds nothing.
    leases: Counter[tuple[object, ...]] = Counter()
    for name, task, status, until in tables["leases"]:
        is_held = status == "held" and datetime.fromisoformat(until) > now
        kept = "ended" if status == "held" and not is_held else status
        leases[group[name], number[task], kept, until if is_held else None] += 1
    return {
        "answers": [[number[task], *facts] for task, *facts in tables["answers"]],
        "cursors": tables["cursors"],
        "persons": sorted(sorted(names) for names in tables["persons"]),
        "leases": sorted(leases.items(), key=repr),
        "progress": [[number[task], *facts] for task, *facts in tables["progress"]],
        "tally": tables["tally"],
    }


TABLES = """
with who as (
    select id, pseudonym, people_root(person_id) as person, (
        select count(*) from tasks_task t where t.call_id = c.call_id and t.id <= c.cursor
    ) as stopped_at
    from people_contributor c where call_id = %(call)s
)
select jsonb_build_object(
    'answers', (select coalesce(jsonb_agg(jsonb_build_array(
            a.task_id, a.id, who.pseudonym, a.phase, a.value, w.text, a.is_skip, a.is_late,
            a.prediction, a.ms, a.at, a.undone_at, a.undone_seq is null, a.superseded_at,
            a.superseded_seq is null
        ) order by a.id), '[]')
        from tasks_answer a join who on who.id = a.contributor_id
        left join tasks_answertext w on w.call_id = a.call_id and w.answer_id = a.id
        where a.call_id = %(call)s),
    'persons', (select coalesce(jsonb_agg(names), '[]') from
        (select jsonb_agg(pseudonym) as names from who group by person) p),
    'cursors', (select coalesce(jsonb_agg(
            jsonb_build_array(pseudonym, stopped_at) order by pseudonym), '[]') from who),
    'leases', (select coalesce(jsonb_agg(
            jsonb_build_array(who.pseudonym, l.task_id, l.status, l.until)), '[]')
        from tasks_lease l join who on who.id = l.contributor_id where l.call_id = %(call)s),
    'progress', (select jsonb_agg(jsonb_build_array(task_id, state, counted) order by task_id)
        from tasks_taskprogress where call_id = %(call)s),
    'tally', (select jsonb_build_array(
            coalesce(sum(events), 0), coalesce(sum(counted), 0), coalesce(sum(skipped), 0),
            coalesce(sum(late), 0), coalesce(sum(undone), 0), coalesce(sum(superseded), 0))
        from tasks_tally where call_id = %(call)s)
)
"""


def roots() -> dict[int, int]:
    into = dict(PersonMerge.objects.values_list("person_id", "into_id"))
    found = {}
    for person in into:
        root = person
        while root in into:
            root = into[root]
        found[person] = root
    return found


def told(given: Given) -> tuple[Any, str | None, bool]:
    return (given.value, given.text, given.is_skip)
