"""The table of events: what happened to a job, and what deleted jobs had counted."""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from jobs.conf import conf
from jobs.models.job import Job
from jobs.states import Transition
from jobs.text import visible

MERGED = "merged"
"""Kind of the event that stands for the oldest ones of the engine."""

_STATUS_CHANGES = frozenset(str(transition) for transition in Transition)


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Who did something, from where, and in which words."""

    source: str
    actor_id: int | None = None
    actor_name: str = ""
    message: str = ""


class EventQuerySet(models.QuerySet["JobEvent"]):
    def record(self, job_id: uuid.UUID, kind: str, entry: EventEntry) -> None:
        """Append one event. Call it in the transaction that makes the change.

        Beyond JOBS_MAX_EVENTS the oldest events of the engine become one that counts them. What
        people did, and every change of the status, stays.
        """
        self.create(
            job_id=job_id,
            kind=kind,
            source=entry.source,
            actor_id=entry.actor_id,
            actor_name=entry.actor_name,
            message=entry.message,
        )
        limit = conf.MAX_EVENTS
        if limit and entry.source == "engine" and kind not in _STATUS_CHANGES:
            self._merge_oldest(job_id, limit)

    def _merge_oldest(self, job_id: uuid.UUID, limit: int) -> None:
        """Leave 9 of 10 allowed events, so that the next ones merge nothing."""
        found = self.filter(job_id=job_id, source="engine").exclude(kind__in=_STATUS_CHANGES)
        count = found.count()
        if count <= limit:
            return
        surplus = count - limit + limit // 10 + 1
        with transaction.atomic():
            # Locked: two processes may record events of one job at the same time.
            oldest = list(found.select_for_update().order_by("pk")[:surplus])
            if len(oldest) < 2:
                return
            merged = sum(event.merged or 1 for event in oldest)
            self.filter(pk__in=[event.pk for event in oldest[1:]]).delete()
            text = f"The first {merged:,} events of the engine are no longer listed one by one."
            self.filter(pk=oldest[0].pk).update(kind=MERGED, merged=merged, message=text)


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
    merged = models.PositiveIntegerField(default=0, db_default=0)
    """How many events of the engine this one stands for; 0: for itself alone."""

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
