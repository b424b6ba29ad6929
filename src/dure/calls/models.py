from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from dure.people.models import Organisation


class Kind(models.TextChoices):
    TASKS = "tasks", _("tasks")
    IDEAS = "ideas", _("ideas")
    VOTE = "vote", _("vote")
    FUND = "fund", _("fund")


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    PAUSED = "paused", _("paused")
    CLOSED = "closed", _("closed")


class Visibility(models.TextChoices):
    SEALED = "sealed", _("sealed")
    AFTER_OWN = "after_own", _("after one's own")
    OPEN = "open", _("open")
    REVEAL = "reveal", _("reveal, then revise")
    EXPERIMENT = "experiment", _("experiment")


class Call(models.Model):
    """What an organisation opens to the public."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="calls")
    slug = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    visibility = models.CharField(max_length=12, choices=Visibility, default=Visibility.SEALED)
    language = models.CharField(max_length=12, default="en")
    # Texts are a string in the call's language, or an object keyed by language.
    title = models.JSONField()
    brief = models.JSONField(default=str)
    question = models.JSONField()
    answers_min = models.PositiveIntegerField(default=3)
    answers_max = models.PositiveIntegerField(default=5)
    answers_target = models.FloatField(null=True, default=0.95)
    lease_s = models.PositiveIntegerField(default=300)
    promise = models.JSONField(default=dict)
    # What it is about, for people who look for something to help with; see calls.topics.
    topics = models.JSONField(default=list, db_default=[])
    created_at = models.DateTimeField(db_default=Func(function="now"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="state_is_known"),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="visibility_is_known"
            ),
            models.CheckConstraint(
                condition=Q(answers_min__gte=1) & Q(answers_max__gte=F("answers_min")),
                name="minimum_of_answers_is_not_above_their_maximum",
            ),
            models.CheckConstraint(
                condition=Q(answers_target=None)
                | (Q(answers_target__gt=0) & Q(answers_target__lte=1)),
                name="target_is_a_probability",
            ),
            models.CheckConstraint(condition=Q(lease_s__gte=1), name="lease_lasts_a_second"),
        ]
        indexes = [models.Index("organisation", "id", name="calls_by_organisation")]

    def __str__(self) -> str:
        return self.slug


class CallChange(models.Model):
    """A step in a call's life, with who took it and when; rows are only ever added."""

    class Step(models.TextChoices):
        CREATE = "create", _("created")
        OPEN = "open", _("opened")
        PAUSE = "pause", _("paused")
        CLOSE = "close", _("closed")
        REVEAL = "reveal", _("revealed")
        DISCARD = "discard", _("thrown away")

    call = models.ForeignKey(Call, models.PROTECT, related_name="changes")
    step = models.CharField(max_length=8, choices=Step)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        indexes = [models.Index("call", "id", name="changes_by_call")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.step}"


class CallLink(models.Model):
    """How calls hang together: an idea leads to a vote, a fund pays for a job of work."""

    class Meaning(models.TextChoices):
        LEADS_TO = "leads_to", _("leads to")
        CHECKS = "checks", _("checks")
        PAYS_FOR = "pays_for", _("pays for")

    call = models.ForeignKey(Call, models.PROTECT, related_name="links")
    other = models.ForeignKey(Call, models.PROTECT, related_name="linked_from")
    meaning = models.CharField(max_length=10, choices=Meaning)

    class Meta:
        constraints = [
            models.UniqueConstraint("call", "other", "meaning", name="calls_are_linked_once"),
            models.CheckConstraint(condition=~Q(call=F("other")), name="link_is_between_two_calls"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.meaning} {self.other_id}"


class Media(models.Model):
    """A picture, a sound or a film that an organisation uploaded; its file lies under its token."""

    class Medium(models.TextChoices):
        IMAGE = "image", _("picture")
        AUDIO = "audio", _("sound")
        VIDEO = "video", _("film")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="media")
    # Part of its address, which nobody can guess.
    token = models.CharField(max_length=32, unique=True)
    # Of the file as it was sent, to know it again.
    sha256 = models.BinaryField()
    kind = models.CharField(max_length=5, choices=Medium)
    type = models.CharField(max_length=20)
    bytes = models.BigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", "sha256", name="one_media_per_file"),
            models.CheckConstraint(
                condition=Q(kind__in=["image", "audio", "video"]), name="medium_is_known"
            ),
        ]
        indexes = [models.Index("organisation", "id", name="media_by_organisation")]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """What somebody typed into a call's pages last, right or wrong: nothing typed is ever lost."""

    call = models.OneToOneField(Call, models.CASCADE, primary_key=True, related_name="draft")
    typed = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of call {self.call_id}"


class Template(models.Model):
    """A call that an organisation kept to begin others from."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="templates")
    name = models.CharField(max_length=120)
    # The fields of creating.create_call.
    fields = models.JSONField()
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint("organisation", "name", name="one_template_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """What somebody sent for a call's tasks, which waits under its token, and what became of it."""

    class State(models.TextChoices):
        # Until somebody has said what its columns are.
        KEPT = "kept", _("kept")
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being read")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    call = models.ForeignKey(Call, models.PROTECT, related_name="uploads")
    token = models.CharField(max_length=32, unique=True)
    # Of the table; without one, of the first file.
    name = models.CharField(max_length=200)
    bytes = models.BigIntegerField()
    has_table = models.BooleanField(default=True, db_default=True)
    # Names of the pictures, sounds, films and ZIPs beside it that were not made fit yet.
    files = models.JSONField(default=list, db_default=[])
    # Addresses of those that were, by where they lay in their ZIP.
    media = models.JSONField(default=dict)
    # What could not be used: [[name, why]].
    left_out = models.JSONField(default=list, db_default=[])
    # Which field of a task a column is.
    mapping = models.JSONField(default=dict, db_default={})
    state = models.CharField(
        max_length=8, choices=State, default=State.KEPT, db_default=State.KEPT.value
    )
    # So far, of the rows or else of the files.
    n_read = models.BigIntegerField(default=0, db_default=0)
    # What importing.Report tells, once it is done.
    report = models.JSONField(default=dict, db_default={})
    # Why it failed, in one sentence.
    reason = models.CharField(max_length=300, default="", db_default="")
    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["kept", "waiting", "running", "done", "failed"]),
                name="upload_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """A file of results that is made in the background, and what became of it."""

    class What(models.TextChoices):
        VERDICTS = "verdicts", _("verdicts")
        ANSWERS = "answers", _("answers")
        GOLD = "gold", _("known truths")
        PREDICTIONS = "predictions", _("predictions")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being made")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")

    call = models.ForeignKey(Call, models.PROTECT, related_name="exports")
    what = models.CharField(max_length=16, choices=What)
    form = models.CharField(max_length=8)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    # Part of its address, which nobody can guess.
    token = models.CharField(max_length=32, unique=True)
    rows_expected = models.BigIntegerField(default=0)
    rows_made = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    # Why it failed, in one sentence.
    reason = models.CharField(max_length=300, default="")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed"]),
                name="export_state_is_known",
            ),
        ]
        indexes = [models.Index("call", "id", name="exports_by_call")]

    def __str__(self) -> str:
        return f"{self.what} of call {self.call_id} as {self.form}"


class Rehearsal(models.Model):
    """A simulated crowd that answers a demo's call until a moment, to show a board that moves."""

    call = models.OneToOneField(Call, models.PROTECT, primary_key=True, related_name="rehearsal")
    until = models.DateTimeField()
    by = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"rehearsal of call {self.call_id}"
