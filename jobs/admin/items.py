"""The items of jobs. Those of one job can be filtered and searched."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from jobs import services
from jobs.admin.display import (
    EMPTY,
    badge,
    job_link,
    job_name,
    json_column,
    text_column,
    time_column,
)
from jobs.admin.keyset import KeysetAdmin, KeysetChangeList
from jobs.models import Job, JobItem
from jobs.progress import humanize, items
from jobs.states import WARNING, ItemStatus, shown_status


def chosen_job(request: Any) -> Job | None:
    """Return the job whose items are listed, or None for all jobs. Read once per request."""
    if not hasattr(request, "chosen_job"):
        try:
            request.chosen_job = Job.objects.filter(pk=request.GET.get("job__id__exact")).first()
        except ValidationError:
            request.chosen_job = None  # the change list reports the malformed id
    found: Job | None = request.chosen_job
    return found


class ItemStatusFilter(admin.SimpleListFilter):
    """By the reported status. Not for the items of all jobs: no index has them by status."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        choices = [*ItemStatus.choices, (WARNING, "Succeeded with a warning")]
        return [] if chosen_job(request) is None else choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[JobItem]) -> QuerySet[JobItem]:
        job, status = chosen_job(request), self.value()
        if job is None or status not in (*ItemStatus.values, WARNING):
            return queryset
        return items.of_status(queryset, job, status)


class ItemChangeList(KeysetChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        attach_status(self.result_list)
        self.job = chosen_job(request)
        self.has_page = self.job is not None and bool(
            services.visible_job_ids([self.job.pk], request.user)
        )


def attach_status(rows: Iterable[Any]) -> None:
    """Set `shown`, the reported status of each item; one query for all."""
    running = items.current_items(*{item.job for item in rows})
    for item in rows:
        item.shown = items.shown_status(item.job, item, running)


@admin.register(JobItem)
class JobItemAdmin(KeysetAdmin):
    shown_key = text_column("key", "Key")
    shown_message = text_column("message", "Message")
    shown_result = json_column("result", "Result")
    started = time_column("started_at", "Started at")
    finished = time_column("finished_at", "Finished at")
    list_display = (
        "shown_key", "job_column", "status_column", "shown_message", "depth", "attempts",
        "finished",
    )  # fmt: skip
    list_select_related = ("job",)
    list_filter = (ItemStatusFilter,)
    search_help_text = "A part of the path."
    fields = readonly_fields = (
        "shown_key", "job_column", "position", "status_column", "shown_message", "depth",
        "shown_result",
        "attempts", "started", "finished",
    )  # fmt: skip

    def keyset(self, request: HttpRequest) -> str:
        return "-id" if chosen_job(request) is None else "position"

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        hidden = None if chosen_job(request) is None else "job_column"
        return [name for name in self.list_display if name != hidden]

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return () if chosen_job(request) is None else ("key",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ItemChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobItem]:
        deleted = list(Job.deleted.values_list("pk", flat=True))
        return super().get_queryset(request).exclude(job__in=deleted)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> JobItem | None:
        item = super().get_object(request, object_id, from_field)
        attach_status([item] if item else [])
        return item

    @admin.display(description="Job")
    def job_column(self, item: JobItem) -> SafeString | str:
        return job_link(item.job_id, job_name(item.job))

    @admin.display(description="Status")
    def status_column(self, item: Any) -> SafeString:
        return badge(shown_status(item.shown, item.message))

    @admin.display(description="Checked")
    def depth(self, item: JobItem) -> str:
        return humanize.depth(item.result) or EMPTY
