"""The table of events: what happened to a job, and what deleted jobs had counted."""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils import timezone

from jobs.models.job import Job
from jobs.text import visible


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Who did something, from where, and in which words."""

    source: str
    actor_id: int | None = None
    actor_name: str = ""
    message: str = ""


class EventQuerySet(models.QuerySet["JobEvent"]):
    def record(self, job_id: uuid.UUID, kind: str, entry: EventEntry) -> None:
        """Append one event. Call it in the transaction that makes the change."""
        self.create(
            job_id=job_id,
            kind=kind,
            source=entry.source,
            actor_id=entry.actor_id,
            actor_name=entry.actor_name,
            message=entry.message,
        )


class JobEvent(models.Model):
    """What happened to a job: who did it, when and from where, or what the engine did."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=10)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=150, default="")
    message = models.TextField(default="")

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.kind}: {visible(self.message)}"


class OperationTotal(models.Model):
    """The counters of an operation's deleted jobs, so that metrics never decrease."""

    operation = models.CharField(max_length=100, unique=True)
    succeeded = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    busy_seconds = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.operation
