"""The table of ends of jobs whose signal is still to be sent."""

from django.db import models

from jobs.models.job import Job
from jobs.states import JobStatus


class Settlement(models.Model):
    """An end of a job with its final numbers, until `job_settled` was sent for it.

    Written in the transaction that settles the job. `machine`, `pid` and `started` are those of
    the process that sends the signal.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="+")
    status = models.CharField(max_length=10, choices=JobStatus.choices)
    total = models.PositiveIntegerField()
    succeeded = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField()
    at = models.DateTimeField()
    """By the database's clock: when its process began to send it."""
    machine = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    started = models.FloatField()

    def __str__(self) -> str:
        return f"{self.job_id} {self.status}"
