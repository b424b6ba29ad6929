"""The answering side. Every key begins with the call, so that a table can be split by call.

Rows here are written by the functions of queries.sql and by the bulk verbs of this room; foreign
keys between these tables hold two columns and are made in SQL, since Django has no such thing.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from dure.calls.models import Call
from dure.calls.tasks.pulses import Presence, Pulse, SourceCount
from dure.calls.tasks.seats import Frontier, Lease

__all__ = [
    "Accrual",
    "Answer",
    "AnswerText",
    "Frontier",
    "Lease",
    "Phase",
    "Presence",
    "Pulse",
    "RankedItem",
    "Refit",
    "Ruling",
    "SourceCount",
    "Tally",
    "Task",
    "TaskProgress",
    "TaskState",
    "Verdict",
    "VerdictRun",
    "WorkerHabits",
]


def _next(sequence: str) -> Func:
    return Func(Value(sequence), function="nextval")


def _true_where(condition: Q) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(condition, output_field=models.BooleanField())


class TaskState(models.TextChoices):
    OPEN = "open", _("open")
    DECIDED = "decided", _("decided")
    DISPUTED = "disputed", _("disputed")


class Phase(models.TextChoices):
    FIRST = "first", _("first")
    REVISION = "revision", _("revision")


class Task(models.Model):
    """What does not change about a task: its key, what is shown, its truth where it is known."""

    pk = models.CompositePrimaryKey("call_id", "id")
    call = models.ForeignKey(Call, models.PROTECT, related_name="tasks", db_index=False)
    id = models.BigIntegerField(db_default=_next("tasks_task_id"))
    key = models.CharField(max_length=200)
    content = models.JSONField()
    gold = models.JSONField(null=True)
    added_at = models.DateTimeField(db_default=Func(function="now"))

    class Meta:
        constraints = [
            # The key stands first: with the call first, checks of foreign keys, planned while a
            # table is small, went by this index and read every task of the call for each row.
            models.UniqueConstraint("key", "call", name="one_task_per_key"),
        ]

    def __str__(self) -> str:
        return self.key


class TaskProgress(models.Model):
    """What changes about a task with every answer: kept small, since it is rewritten each time."""

    pk = models.CompositePrimaryKey("call_id", "task_id")
    call_id = models.BigIntegerField()
    task_id = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=TaskState, db_default=TaskState.OPEN.value)
    capacity = models.IntegerField()
    counted = models.IntegerField(db_default=0)
    leased = models.IntegerField(db_default=0)
    is_wanted = models.GeneratedField(
        expression=_true_where(Q(state="open") & Q(counted__lt=F("capacity"))),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    is_available = models.GeneratedField(
        expression=_true_where(Q(state="open") & Q(capacity__gt=F("counted") + F("leased"))),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__gte=F("counted") + F("leased")),
                name="task_never_gets_more_answers_than_its_maximum",
            ),
            models.CheckConstraint(
                condition=Q(counted__gte=0) & Q(leased__gte=0), name="task_counts_are_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=TaskState.values), name="task_state_is_known"
            ),
        ]
        indexes = [
            models.Index(
                "call_id", "task_id", condition=Q(is_available=True), name="task_is_available"
            ),
            models.Index("call_id", "task_id", condition=Q(is_wanted=True), name="task_is_wanted"),
            models.Index("call_id", "state", "task_id", name="tasks_by_state"),
        ]

    def __str__(self) -> str:
        return f"task {self.task_id} {self.state}"


class Answer(models.Model):
    """What a contributor gave to a task. Only the undone_ and superseded_ columns may still change.

    `value` holds codes (which option, which number); a text is in AnswerText. A skip has no value.
    `seq` numbers everything that happens to answers, so that a verdict can name what it saw.
    """

    pk = models.CompositePrimaryKey("call_id", "id")
    call_id = models.BigIntegerField()
    id = models.UUIDField()
    seq = models.BigIntegerField(db_default=_next("tasks_answer_seq"))
    task_id = models.BigIntegerField()
    contributor_id = models.BigIntegerField()
    phase = models.CharField(max_length=8, choices=Phase, db_default=Phase.FIRST.value)
    value = models.JSONField(null=True)
    is_skip = models.BooleanField()
    is_late = models.BooleanField()
    prediction = models.JSONField(null=True)
    ms = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    undone_seq = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)
    superseded_seq = models.BigIntegerField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call_id", "task_id", "contributor_id", "phase"],
                condition=Q(undone_seq=None, superseded_seq=None),
                name="one_standing_answer_per_contributor_per_task_per_phase",
            ),
            models.UniqueConstraint("call_id", "seq", name="one_answer_per_sequence_number"),
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="phase_is_known"),
        ]

    def __str__(self) -> str:
        return f"answer {self.id}"


class AnswerText(models.Model):
    """A contributor's own words; erasing them leaves the row as a tombstone."""

    pk = models.CompositePrimaryKey("call_id", "answer_id")
    call_id = models.BigIntegerField()
    answer_id = models.UUIDField()
    text = models.TextField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(text=None, erased_at__isnull=False)
                | Q(text__isnull=False, erased_at=None),
                name="text_is_there_or_erased",
            ),
        ]

    def __str__(self) -> str:
        return f"words of answer {self.answer_id}"


class Tally(models.Model):
    """A call's counts, kept in several slots so that answers do not queue for one row.

    `events` grows with everything that can change a verdict.
    """

    SLOTS = 16

    pk = models.CompositePrimaryKey("call_id", "slot")
    call_id = models.BigIntegerField()
    slot = models.SmallIntegerField()
    events = models.BigIntegerField(db_default=0)
    counted = models.BigIntegerField(db_default=0)
    skipped = models.BigIntegerField(db_default=0)
    late = models.BigIntegerField(db_default=0)
    undone = models.BigIntegerField(db_default=0)
    superseded = models.BigIntegerField(db_default=0)
    tasks = models.BigIntegerField(db_default=0)

    def __str__(self) -> str:
        return f"tally {self.slot} of call {self.call_id}"


class VerdictRun(models.Model):
    """One fit of a call: what it saw, how it was done, what came out; rows are only ever added."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="verdict_runs", db_index=False)
    as_of = models.DateTimeField()
    method = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    seed = models.BigIntegerField()
    # The question's classes in the order of Verdict.posterior; empty for numbers.
    classes = models.JSONField(default=list)
    # Every answer, undo and supersession numbered up to here was seen, and none above.
    seen_up_to = models.BigIntegerField()
    events = models.BigIntegerField()
    answers_seen = models.BigIntegerField()
    digest = models.BinaryField()
    outcome = models.CharField(max_length=300)
    # What the fit learned that holds for all workers; see learned.py. Empty where it kept nothing.
    learned = models.JSONField(default=dict, db_default={})
    tasks_open = models.BigIntegerField()
    tasks_decided = models.BigIntegerField()
    tasks_disputed = models.BigIntegerField()

    class Meta:
        indexes = [models.Index("call", "id", name="verdict_runs_by_call")]

    def __str__(self) -> str:
        return f"run {self.pk} of call {self.call_id}"


class Verdict(models.Model):
    """What the last run concluded of a task; recomputed from the run, so it may be replaced."""

    pk = models.CompositePrimaryKey("call_id", "task_id")
    call_id = models.BigIntegerField()
    task_id = models.BigIntegerField()
    label = models.TextField(null=True)
    probability = models.FloatField(null=True)
    posterior = ArrayField(models.FloatField(), null=True)
    estimate = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    # What is more than a label or a number; its form goes by the question's type, see `fitting`.
    value = models.JSONField(null=True)
    answers = models.IntegerField()

    class Meta:
        indexes = [
            models.Index("call_id", "probability", "task_id", name="verdicts_by_probability"),
        ]

    def __str__(self) -> str:
        return f"verdict on task {self.task_id}"

    @property
    def says_something(self) -> bool:
        """Whether anything was concluded; a task without answers may have an empty verdict."""
        return any(said is not None for said in (self.label, self.estimate, self.value))


class RankedItem(models.Model):
    """An item's place among all that a call's answers compared or ranked, by the last run."""

    pk = models.CompositePrimaryKey("call_id", "place")
    call_id = models.BigIntegerField()
    # 1, 2, ... without a gap; `rank` may be shared.
    place = models.BigIntegerField()
    item = models.TextField()
    score = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    rank = models.BigIntegerField()
    rank_low = models.BigIntegerField()
    rank_high = models.BigIntegerField()
    comparisons = models.BigIntegerField()
    # Items of different components were never compared, not even through others.
    component = models.BigIntegerField()

    def __str__(self) -> str:
        return f"place {self.place} in call {self.call_id}"


class WorkerHabits(models.Model):
    """What the last run learned of a contributor, flat; its shape is in the run's `learned`."""

    pk = models.CompositePrimaryKey("call_id", "contributor_id")
    call_id = models.BigIntegerField()
    contributor_id = models.BigIntegerField()
    run_id = models.BigIntegerField()
    concentration = ArrayField(models.FloatField())

    def __str__(self) -> str:
        return f"habits of contributor {self.contributor_id}"


class Refit(models.Model):
    """How far a call has been looked at, and how long that took: when to look again."""

    call = models.OneToOneField(Call, models.PROTECT, primary_key=True, related_name="refit")
    events = models.BigIntegerField()
    at = models.DateTimeField()
    seconds = models.FloatField()
    # Up to which sequence number answers are in the board's counts.
    noted_up_to = models.BigIntegerField(default=0, db_default=0)
    # What the board shows of the last fit; see summaries.py.
    summary = models.JSONField(default=dict, db_default={})

    def __str__(self) -> str:
        return f"refit of call {self.call_id}"


class Ruling(models.Model):
    """An organiser says what is true of a task, and why; the last one holds. Rows only grow."""

    pk = models.CompositePrimaryKey("call_id", "id")
    call_id = models.BigIntegerField()
    id = models.BigIntegerField(db_default=_next("tasks_ruling_id"))
    task_id = models.BigIntegerField()
    value = models.JSONField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        indexes = [models.Index("call_id", "task_id", "id", name="rulings_by_task")]

    def __str__(self) -> str:
        return f"ruling on task {self.task_id}"


class Accrual(models.Model):
    """What an answer earned, or lost again; posted to the ledger in batches."""

    class Reason(models.TextChoices):
        COUNTED = "counted", _("counted")
        WITHDRAWN = "withdrawn", _("withdrawn")

    pk = models.CompositePrimaryKey("call_id", "answer_id", "reason")
    call_id = models.BigIntegerField()
    answer_id = models.UUIDField()
    reason = models.CharField(max_length=10, choices=Reason)
    contributor_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    # The key of the ledger's transaction; set once.
    posted_as = models.CharField(max_length=80, null=True)

    class Meta:
        indexes = [
            models.Index("call_id", "reason", "contributor_id", "answer_id",
                         condition=Q(posted_as=None), name="accrual_waits_to_be_posted"),
            models.Index("contributor_id", name="accruals_by_contributor"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency} for answer {self.answer_id}"
