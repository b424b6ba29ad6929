"""What the organiser's board counts, kept as answers come; models.py has the others."""

from __future__ import annotations

from django.db import models


class Pulse(models.Model):
    """What came to a call in a minute or an hour, and how things stood at its end."""

    MINUTE, HOUR = 60, 3600

    pk = models.CompositePrimaryKey("call_id", "step_s", "at")
    call_id = models.BigIntegerField()
    step_s = models.IntegerField()
    at = models.DateTimeField()
    answers = models.BigIntegerField(db_default=0)
    skips = models.BigIntegerField(db_default=0)
    decided = models.BigIntegerField(null=True)
    disputed = models.BigIntegerField(null=True)
    # The mean probability of the labels that verdicts give.
    confidence = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.answers} answers to call {self.call_id} at {self.at}"


class Presence(models.Model):
    """What a contributor has done in a call so far, and on how many days (UTC)."""

    pk = models.CompositePrimaryKey("call_id", "contributor_id")
    call_id = models.BigIntegerField()
    contributor_id = models.BigIntegerField()
    answers = models.BigIntegerField()
    days = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index("call_id", "first_at", name="presence_by_arrival"),)

    def __str__(self) -> str:
        return f"presence of contributor {self.contributor_id}"


class SourceCount(models.Model):
    """How many came to a call by links of one tag, how many came back, and what they gave."""

    pk = models.CompositePrimaryKey("call_id", "source")
    call_id = models.BigIntegerField()
    source = models.CharField(max_length=30)
    people = models.BigIntegerField(db_default=0)
    came_back = models.BigIntegerField(db_default=0)
    answers = models.BigIntegerField(db_default=0)

    def __str__(self) -> str:
        return f"{self.people} people by {self.source or 'no tag'}"
