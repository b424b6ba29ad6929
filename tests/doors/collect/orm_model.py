"""The rules of collecting once more, in plain Django: one request at a time, obvious beyond doubt.

A twin is a call of its own in the same database, with the same tasks and with persons of its own.
It shares no SQL with the hot path. Tasks are told by their number in the call, from 0, since the
two calls number their rows differently. Where the contract leaves a choice (which tasks a lease
passes over because somebody is busy with them; whether the seat of a lease that ran out was
cleared away already) the caller says what was chosen, and the twin follows if it may.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Func, Q, Value

from dure.calls.models import Call
from dure.calls.tasks.answers import hash_key
from dure.calls.tasks.models import Answer, AnswerText, Lease, Tally, TaskProgress
from dure.people.models import Contributor, Person, PersonKey, PersonMerge

UNDO_SECONDS = 10
UNKNOWN = 2**50


class Refused(Exception):
    """What the contract answers instead of 200."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, code)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Given:
    """One answer of a request, and what is wrong with its value, if anything."""

    id: UUID
    task: int
    value: Any = None
    text: str | None = None
    is_skip: bool = False
    # "form" is seen by the door, "items" only where the task's items are known.
    fault: str | None = None
    prediction: Any = None
    ms: int | None = None


@dataclass(frozen=True)
class Taken:
    tasks: list[tuple[int, datetime]]
    is_full: bool
    # Tasks that still want answers of this person, and those that might if others took theirs back.
    wanted: frozenset[int]
    open: frozenset[int]


class Twin:
    def __init__(self, call: Call, *, original: Call, now: datetime) -> None:
        self.call_id, self.lease, self.now = call.pk, timedelta(seconds=call.lease_s), now
        self.ids = sorted(call.tasks.values_list("id", flat=True))
        self.original_id = original.pk
        self.original_ids = sorted(original.tasks.values_list("id", flat=True))

    def join(self, key: str, pseudonym: str) -> str:
        """The pseudonym under which the key's person takes part; whoever is new gets this one."""
        person = self._find_person(key)
        known = self._contributors(person)
        if not known:
            Contributor.objects.create(call_id=self.call_id, person=person, pseudonym=pseudonym)
            return pseudonym
        return known[0].pseudonym

    def take_tasks(self, key: str, n: int, *, busy: frozenset[int], got: list[int]) -> Taken:
        """Of the tasks that others are busy with, those are passed over that the reply has not.

        Two searches go on from where the person's last one stopped: the second may find what was
        busy at the first.
        """
        if not self.is_open():
            raise Refused(409, "not-open")
        group = self._lock_contributors(key)
        self._end_old_leases()
        mine = self._leases(group)
        held = sorted(lease.task_id for lease in mine if lease.status == "held")[:n]
        touched = {lease.task_id for lease in mine if lease.status != "ended"}
        progress = self._lock_tasks()

        new: list[int] = []
        cursor = group[0].cursor
        after = [task for task in self.ids if task > cursor]
        up_to = [task for task in self.ids if task <= cursor]
        passed_over = {task for n, task in enumerate(self.ids) if n in busy and n not in got}
        given = [task for task in map(self.ids.__getitem__, got) if task not in held]
        second = [
            task
            for place, task in enumerate(given)
            if task in after
            and self.ids.index(task) in busy
            and any(other > task or other in up_to for other in given[:place])
        ]
        first = [task for task in after if task not in second]
        for task in first + second + up_to:
            if len(held) + len(new) == n:
                break
            if task not in touched | passed_over and has_seat(progress[task]):
                self._seat(group[0], task)
                new.append(task)
        if new:
            Contributor.objects.filter(call_id=self.call_id, id=group[0].id).update(cursor=new[-1])
        answered = {lease.task_id for lease in mine if lease.status == "answered"}
        return self._taken(group, held + new, answered=answered, is_full=len(held + new) == n)

    def record_answers(self, key: str, given: list[Given]) -> list[str]:
        """What became of each answer: accepted, late, or the reason it was refused for."""
        group = self._lock_contributors(key)
        self._end_old_leases()
        self._lock_tasks()
        is_open = self.is_open()
        return [self._record_answer(group, one, is_open=is_open) for one in given]

    def renew(self, key: str, tasks: list[int]) -> list[tuple[int, datetime]]:
        if not self.is_open():
            raise Refused(409, "not-open")
        group = self._lock_contributors(key)
        self._end_old_leases()
        renewed = self._held(group, tasks)
        for lease in renewed:
            self._row(lease).update(until=self.now + self.lease)
        return sorted((self._number(lease), self.now + self.lease) for lease in renewed)

    def give_back(self, key: str, tasks: list[int], ran_out: frozenset[int]) -> list[int]:
        group = self._lock_contributors(key)
        self._end_old_leases()
        held = self._held(group, tasks)
        for lease in held:
            self._row(lease).update(status="ended")
            self._progress(lease.task_id).update(leased=F("leased") - 1)
        over = [
            lease
            for lease in self._leases(group)
            if self._number(lease) in ran_out.intersection(tasks)
            and lease.status == "ended"
            and lease.until <= self.now
        ]
        returned = sorted({self._number(lease) for lease in [*held, *over]})
        if returned:
            # Whoever comes back finds the same tasks first.
            cursor = min(group[0].cursor, self.ids[returned[0]] - 1)
            Contributor.objects.filter(call_id=self.call_id, id=group[0].id).update(cursor=cursor)
        return returned

    def undo(self, key: str, identity: UUID) -> None:
        group = self._lock_contributors(key)
        self._end_old_leases()
        mine = Answer.objects.filter(call_id=self.call_id, contributor_id__in=ids_of(group))
        answer = mine.select_for_update().filter(id=identity).first()
        if answer is None:
            raise Refused(404, "unknown-answer")
        if answer.undone_seq is not None:
            return
        is_over = self.now >= answer.at + timedelta(seconds=UNDO_SECONDS)
        if answer.superseded_seq is not None or is_over:
            raise Refused(409, "undo-over")

        mine.filter(id=identity).update(undone_seq=next_seq(), undone_at=self.now)
        if counts(answer):
            self._progress(answer.task_id).update(counted=F("counted") - 1)
        name = "late" if answer.is_late else "skipped" if answer.is_skip else "counted"
        self._tally(events=1, undone=1, **{name: -1})
        may_have_seat = self.is_open() and not answer.is_late
        self._hold_again(group, answer, may_have_seat=may_have_seat)

    def supersede_twins(self, person: Person) -> None:
        """After a merge: of two answers to a task the earlier that counts stays; one seat stays.

        Of answers of one moment it is known by their numbers alone which came earlier.
        """
        group = self._contributors(person)
        standing = Answer.objects.filter(
            call_id=self.call_id, contributor_id__in=ids_of(group), undone_seq=None,
            superseded_seq=None,
        )  # fmt: skip
        numbers = dict(Answer.objects.filter(call_id=self.original_id).values_list("id", "seq"))
        kept: set[tuple[int, str]] = set()
        for answer in sorted(standing, key=lambda a: (a.is_late or a.is_skip, a.at, numbers[a.id])):
            if (answer.task_id, answer.phase) not in kept:
                kept.add((answer.task_id, answer.phase))
                continue
            standing.filter(id=answer.id).update(superseded_seq=next_seq(), superseded_at=self.now)
            if counts(answer):
                self._progress(answer.task_id).update(counted=F("counted") - 1)
            name = "late" if answer.is_late else "skipped" if answer.is_skip else "counted"
            self._tally(events=1, superseded=1, **{name: -1})
        self._give_up_spare_seats(group)

    def _give_up_spare_seats(self, group: list[Contributor]) -> None:
        self._end_old_leases()
        busy = [lease for lease in self._leases(group) if lease.status != "ended"]
        seen: set[int] = set()
        # First what is answered, then what is held longest.
        for lease in sorted(
            sorted(busy, key=lambda one: one.until, reverse=True),
            key=lambda one: one.status != "answered",
        ):
            if lease.task_id in seen and lease.status == "held":
                self._row(lease).update(status="ended")
                self._progress(lease.task_id).update(leased=F("leased") - 1)
            seen.add(lease.task_id)

    def _record_answer(self, group: list[Contributor], given: Given, *, is_open: bool) -> str:
        if given.fault == "form":
            return "bad-value"
        known = Answer.objects.filter(call_id=self.call_id, id=given.id).first()
        if known is not None:
            words = AnswerText.objects.filter(call_id=self.call_id, answer_id=given.id).first()
            is_same = (
                known.task_id == self._id(given.task)
                and known.contributor_id in ids_of(group)
                and (known.is_skip, known.value) == (given.is_skip, given.value)
                and (words.text if words else None) == given.text
            )
            return "id-reused" if not is_same else "late" if known.is_late else "accepted"
        if given.task >= len(self.ids):
            return "unknown-task"
        task = self.ids[given.task]
        standing = Answer.objects.filter(
            call_id=self.call_id, task_id=task, contributor_id__in=ids_of(group),
            undone_seq=None, superseded_seq=None,
        )  # fmt: skip
        if standing.exists():
            return "already-answered"
        leases = [lease for lease in self._leases(group) if lease.task_id == task]
        if not leases:
            return "no-lease"
        if given.fault == "items":
            return "bad-value"
        lease = max(leases, key=lambda one: (one.status == "held", one.until))
        is_late = not (is_open and lease.status == "held")
        self._store(group[0], given, lease, is_late=is_late)
        return "late" if is_late else "accepted"

    def _store(self, by: Contributor, given: Given, lease: Lease, *, is_late: bool) -> None:
        Answer.objects.create(
            call_id=self.call_id, id=given.id, task_id=lease.task_id, contributor_id=by.id,
            phase="first", value=given.value, is_skip=given.is_skip, is_late=is_late,
            prediction=given.prediction, ms=given.ms, at=self.now,
        )  # fmt: skip
        if given.text is not None:
            AnswerText.objects.create(call_id=self.call_id, answer_id=given.id, text=given.text)
        if lease.status == "held":
            self._progress(lease.task_id).update(leased=F("leased") - 1)
        if not is_late and not given.is_skip:
            self._progress(lease.task_id).update(counted=F("counted") + 1)
        self._row(lease).update(status="answered")
        name = "late" if is_late else "skipped" if given.is_skip else "counted"
        self._tally(events=1, **{name: 1})

    def _hold_again(self, group: list[Contributor], answer: Answer, *, may_have_seat: bool) -> None:
        """The task of an answer that was taken back is the person's again, if a seat is free."""
        progress = self._lock_tasks()[answer.task_id]
        is_free = may_have_seat and progress.counted + progress.leased < progress.capacity
        if is_free:
            self._progress(answer.task_id).update(leased=F("leased") + 1)
        leases = [one for one in self._leases(group) if one.task_id == answer.task_id]
        for lease in leases:
            self._row(lease).filter(status="answered").update(status="ended")
        if is_free:
            lease = min(
                leases,
                key=lambda one: (one.contributor_id != answer.contributor_id, one.contributor_id),
            )
            self._row(lease).update(status="held", until=self.now + self.lease)

    def _seat(self, contributor: Contributor, task: int) -> None:
        self._progress(task).update(leased=F("leased") + 1)
        until = self.now + self.lease
        which = {"call_id": self.call_id, "contributor_id": contributor.id, "task_id": task}
        if not Lease.objects.filter(**which).update(until=until, status="held"):
            Lease.objects.create(**which, until=until, status="held")

    def _taken(
        self, group: list[Contributor], tasks: list[int], *, answered: set[int], is_full: bool
    ) -> Taken:
        held = {lease.task_id: lease.until for lease in self._held(group, range(len(self.ids)))}
        left = [
            progress
            for progress in self._lock_tasks().values()
            if progress.state == "open" and progress.task_id not in answered.union(tasks)
        ]
        return Taken(
            tasks=[(self.ids.index(task), held[task]) for task in tasks],
            is_full=is_full,
            wanted=frozenset(self._number(one) for one in left if one.counted < one.capacity),
            open=frozenset(self._number(one) for one in left),
        )

    def _end_old_leases(self) -> None:
        """A lease that ran out holds nothing any more."""
        over = Lease.objects.filter(call_id=self.call_id, status="held", until__lte=self.now)
        for lease in list(over.select_for_update()):
            self._row(lease).update(status="ended")
            self._progress(lease.task_id).update(leased=F("leased") - 1)

    def is_open(self) -> bool:
        return Call.objects.get(pk=self.call_id).state == "open"

    def _lock_contributors(self, key: str) -> list[Contributor]:
        group = self._contributors(self._find_person(key))
        if not group:
            raise Refused(403, "not-joined")
        return group

    def _contributors(self, person: Person) -> list[Contributor]:
        """Who one person is in this call; the one who acts comes first."""
        found = Contributor.objects.select_for_update().filter(
            call_id=self.call_id, person_id__in=same_persons(person.pk)
        )
        return sorted(found, key=lambda one: (one.person_id != person.pk, one.id))

    def _find_person(self, key: str) -> Person:
        known = PersonKey.objects.select_related("person")
        found = known.filter(hash=twin_hash(key), revoked_at=None).first()
        if found is None:
            raise Refused(401, "no-token")
        return found.person

    def _lock_tasks(self) -> dict[int, TaskProgress]:
        rows = TaskProgress.objects.select_for_update().filter(call_id=self.call_id)
        return {row.task_id: row for row in rows.order_by("task_id")}

    def _leases(self, group: list[Contributor]) -> list[Lease]:
        return list(Lease.objects.filter(call_id=self.call_id, contributor_id__in=ids_of(group)))

    def _held(self, group: list[Contributor], tasks: Any) -> list[Lease]:
        wanted = {self._id(task) for task in tasks}
        return [
            lease
            for lease in self._leases(group)
            if lease.task_id in wanted and lease.status == "held"
        ]

    def _row(self, lease: Lease) -> Any:
        return Lease.objects.filter(
            call_id=self.call_id, contributor_id=lease.contributor_id, task_id=lease.task_id
        )

    def _progress(self, task: int) -> Any:
        return TaskProgress.objects.filter(call_id=self.call_id, task_id=task)

    def _tally(self, **more: int) -> None:
        Tally.objects.get_or_create(call_id=self.call_id, slot=0)
        changes = {name: F(name) + n for name, n in more.items()}
        Tally.objects.filter(call_id=self.call_id, slot=0).update(**changes)

    def _id(self, number: int) -> int:
        return self.ids[number] if number < len(self.ids) else UNKNOWN

    def _number(self, row: Lease | TaskProgress) -> int:
        return self.ids.index(row.task_id)


def twin_hash(key: str) -> bytes:
    return hash_key(f"twin of {key}")


def same_persons(person: int) -> set[int]:
    """Every person who turned out to be the same as this one, itself included."""
    same = {person}
    while True:
        merges = PersonMerge.objects.filter(Q(person_id__in=same) | Q(into_id__in=same))
        more = {one for merge in merges for one in (merge.person_id, merge.into_id)} - same
        if not more:
            return same
        same |= more


def has_seat(progress: TaskProgress) -> bool:
    return progress.state == "open" and progress.counted + progress.leased < progress.capacity


def counts(answer: Answer) -> bool:
    return not answer.is_late and not answer.is_skip


def ids_of(group: list[Contributor]) -> list[int]:
    return [contributor.id for contributor in group]


def next_seq() -> Func:
    return Func(Value("tasks_answer_seq"), function="nextval")
