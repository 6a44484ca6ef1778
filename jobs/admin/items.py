"""The items of jobs: listed by key, shown with their result."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs import items
from jobs.admin.cells import NONE, job_name, moment
from jobs.admin.filters import ItemStatusFilter, chosen_job
from jobs.admin.keyset import KeysetAdmin, KeysetChangeList
from jobs.models import Job, JobItem
from jobs.states import ItemStatus


class ItemChangeList(KeysetChangeList):
    """Knows which of the shown items run now, by one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        running = items.current_items(*{item.job for item in self.result_list})
        for item in self.result_list:
            item.shown = items.shown_status(item.job, item, running)


@admin.register(JobItem)
class JobItemAdmin(KeysetAdmin):
    list_display = ("path", "state", "message", "attempts", "finished")
    list_display_links = ("path",)
    list_filter = (ItemStatusFilter,)
    list_select_related = ("job",)
    list_per_page = 100
    search_fields = ("key",)
    search_help_text = "A part of the path."
    fields = (
        "path", "job_link", "position", "state", "message", "result_text", "attempts",
        "started", "finished",
    )  # fmt: skip
    readonly_fields = ("path", "job_link", "state", "result_text", "started", "finished")

    def keyset(self, request: HttpRequest) -> str:
        return "-id" if chosen_job(request) is None else "position"

    def looked_through(self, request: HttpRequest, changelist: KeysetChangeList) -> QuerySet | None:
        job = chosen_job(request)
        if job is not None:
            return JobItem.objects.filter(job=job) if changelist.query else None
        # What runs is known by its ids.
        status = request.GET.get(ItemStatusFilter.parameter_name, ItemStatus.PROCESSING)
        alone = status == ItemStatus.PROCESSING and not changelist.query
        return None if alone else JobItem.objects.all()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ItemChangeList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        if chosen_job(request) is not None:
            return self.list_display
        return ("path", "job_link", "state", "message", "finished")

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobItem]:
        found = super().get_queryset(request).select_related("job")
        deleted = list(Job.deleted.values_list("pk", flat=True))
        return found.exclude(job__in=deleted) if deleted else found

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> JobItem | None:
        item = super().get_object(request, object_id, from_field)
        if item is not None:
            running = items.current_items(item.job)
            item.shown = items.shown_status(item.job, item, running)
        return item

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        job = chosen_job(request)
        found = {"job": job, "title": f"Items of {job}" if job else "Items of all jobs"}
        return super().changelist_view(request, {**found, **(extra_context or {})})

    @admin.display(description="Path")
    def path(self, item: JobItem) -> str:
        return item.key

    @admin.display(description="Status")
    def state(self, item: Any) -> SafeString:
        return format_html('<span class="job-badge" data-state="{0}">{0}</span>', item.shown)

    @admin.display(description="Job")
    def job_link(self, item: JobItem) -> SafeString:
        url = reverse("admin:jobs_job_change", args=[item.job_id])
        return format_html('<a href="{}">{}</a>', url, job_name(item.job))

    @admin.display(description="Started at")
    def started(self, item: JobItem) -> SafeString | str:
        return moment(item.started_at)

    @admin.display(description="Finished at")
    def finished(self, item: JobItem) -> SafeString | str:
        return moment(item.finished_at)

    @admin.display(description="Result")
    def result_text(self, item: JobItem) -> SafeString | str:
        if item.result is None:
            return NONE
        text = json.dumps(item.result, indent=2, ensure_ascii=False)
        return format_html('<pre class="job-result">{}</pre>', text)
