"""Filters of items by what is reported of them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from jobs import items
from jobs.models import Job, JobItem, Lease
from jobs.states import ENDED, OPEN, PROCESSED, ItemStatus


class ItemStatusFilter(admin.SimpleListFilter):
    """By the status that the API reports: pending items of an ended job are skipped."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, label in ItemStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[JobItem]) -> QuerySet[JobItem]:
        status = self.value()
        if status not in ItemStatus.values:
            return queryset
        job = chosen_job(request)
        if job is not None:
            return items.of_status(queryset, job, status)
        if status in PROCESSED:
            return queryset.filter(status=status)
        # A row does not tell whether it runs now: a worker holds many and runs one.
        running = items.running_items(Lease.objects.held())
        if status == ItemStatus.PROCESSING:
            return queryset.filter(pk__in=running)
        waiting = queryset.exclude(pk__in=running)
        unfinished = Q(status__in=OPEN)
        if status == ItemStatus.PENDING:
            return waiting.filter(unfinished).exclude(job__status__in=ENDED)
        return waiting.filter(
            Q(status=ItemStatus.SKIPPED) | (unfinished & Q(job__status__in=ENDED))
        )


def chosen_job(request: HttpRequest) -> Job | None:
    """The job whose items are listed, read once a request; None for those of all jobs."""
    if not hasattr(request, "chosen_job"):
        given = next((request.GET[name] for name in JOB_PARAMETERS if name in request.GET), "")
        found = None
        if given:
            try:
                found = Job.objects.filter(pk=given).first()
            except (ValidationError, ValueError):
                found = None  # the change list tells that this is no id
        request.chosen_job = found  # type: ignore[attr-defined]
    return request.chosen_job  # type: ignore[attr-defined]


JOB_PARAMETERS = ("job__id__exact", "job__exact", "job__id", "job", "job_id")
