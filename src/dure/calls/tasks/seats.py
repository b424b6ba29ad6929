"""Who holds a seat at which task, and where seats are left; models.py has the others."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Lease(models.Model):
    """A task handed to a contributor for a while; the row stays, to tell a late answer by."""

    class Status(models.TextChoices):
        HELD = "held", _("held")
        ENDED = "ended", _("ended")
        ANSWERED = "answered", _("answered")

    pk = models.CompositePrimaryKey("call_id", "contributor_id", "task_id")
    call_id = models.BigIntegerField()
    contributor_id = models.BigIntegerField()
    task_id = models.BigIntegerField()
    until = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status, db_default=Status.HELD.value)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=["held", "ended", "answered"]), name="lease_status_is_known"
            ),
        )
        indexes = (
            models.Index("call_id", "until", condition=Q(status="held"), name="lease_runs_out"),
            models.Index(
                "call_id",
                "contributor_id",
                "until",
                condition=Q(status="held"),
                name="lease_is_held",
            ),
        )

    def __str__(self) -> str:
        return f"lease of task {self.task_id} {self.status}"


class Frontier(models.Model):
    """No task of the call numbered up to here had a free seat when last looked at: a hint only."""

    call_id = models.BigIntegerField(primary_key=True)
    up_to = models.BigIntegerField()

    def __str__(self) -> str:
        return f"frontier of call {self.call_id}"
