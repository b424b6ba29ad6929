from __future__ import annotations

from django.db import models


class Event(models.Model):
    """Something that happened, for a room above; `key` names the thing it happened to."""

    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(topic=""), name="event_has_a_topic"),
        ]
        indexes = [
            models.Index("id", condition=models.Q(read_at=None), name="event_waits_to_be_read"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
