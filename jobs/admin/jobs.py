"""The list of jobs and the page of one job."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.filters import RelatedOnlyFieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs import services
from jobs.admin.confirmation import ConfirmedActionsMixin
from jobs.admin.display import (
    EMPTY,
    OperationFilter,
    ReadOnlyAdmin,
    badge,
    job_name,
    json_column,
    operation_label,
    page_link,
    time_column,
)
from jobs.admin.search import search_jobs
from jobs.models import Job
from jobs.progress import humanize, status_objects
from jobs.states import JobStatus, Transition
from jobs.text import visible

_ENDS = (Transition.COMPLETE, Transition.CANCEL, Transition.FAIL)

EVENTS = 200
"""Events that the page of a job shows: the newest."""


class JobChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = attach_status(self.result_list)
        visible_ids = services.visible_job_ids([job.pk for job in self.result_list], request.user)
        for job in self.result_list:
            job.has_page = job.pk in visible_ids


def attach_status(jobs: Iterable[Job]) -> list[Any]:
    """Set `shown`, the status object of each job, by a fixed number of queries."""
    jobs = list(jobs)
    for job, status in zip(jobs, status_objects(jobs), strict=True):
        job.shown = status  # type: ignore[attr-defined]
    return jobs


def with_final_numbers(job: Any, events: list[Any]) -> list[Any]:
    """The events, newest first; that which ended the job says how many items became what."""
    if humanize.is_settled(job.shown):
        end = next((event for event in events if event.kind in _ENDS), None)
        if end is not None:
            end.numbers = humanize.counts(job.shown)
    return events


@admin.register(Job)
class JobAdmin(ConfirmedActionsMixin, ReadOnlyAdmin):
    shown_parameters = json_column("parameters", "Parameters")
    shown_selection = json_column("selection", "Selection")
    created = time_column("created_at", "Created at")
    started = time_column("started_at", "Started at")
    finished = time_column("finished_at", "Finished at")
    list_display = (
        "name",
        "created_by",
        "status_column",
        "progress",
        "started",
        "duration",
        "page",
    )
    list_filter = (
        "status",
        OperationFilter,
        ("created_by", RelatedOnlyFieldListFilter),
        "created_at",
    )
    list_select_related = ("created_by", "cancelled_by")
    list_per_page = 50
    search_fields = ("pk",)  # shows the search box; `get_search_results` searches
    search_help_text = "The first 8 or more digits of a job's id, or a part of an item's path."
    fields = readonly_fields = (
        "status_column", "progress", "counts", "summary", "notice_column", "id", "operation_column",
        "shown_parameters", "shown_selection", "created", "started", "finished", "duration",
        "created_by", "cancelled_by", "max_workers", "failure_limit",
    )  # fmt: skip

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return JobChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        if not search_term:
            return queryset, False
        found = search_jobs(queryset, search_term)
        if found.after is not None and request.method == "GET":
            messages.warning(
                request,
                f"Only jobs created since {found.after:%Y-%m-%d %H:%M:%S} UTC were searched for"
                " this path. Add filters to search older jobs.",
            )
        return found.jobs, False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Job | None:
        job = super().get_object(request, object_id, from_field)
        return job and attach_status([job])[0]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        job = context["original"]
        events = list(job.events.order_by("-id")[: EVENTS + 1])
        permitted = self.permitted_actions(request)
        context |= {
            "title": "Job",
            "has_page": services.visible_jobs(request.user).filter(pk=job.pk).exists(),
            "job_actions": [action for action in permitted if not action.blocker(job, job.shown)],
            "events": with_final_numbers(job, events[:EVENTS]),
            "more_events": len(events) > EVENTS,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="Job")
    def name(self, job: Job) -> SafeString:
        return job_name(job)

    @admin.display(description="Operation")
    def operation_column(self, job: Job) -> str:
        label, name = operation_label(job.operation), visible(job.operation)
        return label if label == name else f"{label} ({name})"

    @admin.display(description="Live")
    def page(self, job: Any) -> SafeString | str:
        return page_link(job.pk) if job.has_page else EMPTY

    @admin.display(description="Status")
    def status_column(self, job: Any) -> SafeString:
        cancelling = job.status == JobStatus.CANCELLED and job.shown.progress.in_flight
        incomplete = job.status == JobStatus.COMPLETED and job.shown.progress.failed
        look = "warning" if incomplete else job.status
        return badge(look, "Cancelling…" if cancelling else job.status.capitalize())

    @admin.display(description="Progress")
    def progress(self, job: Any) -> SafeString:
        numbers = job.shown.progress
        failed = f", {numbers.failed:,} failed" if numbers.failed else ""
        return format_html(
            '<progress max="100" value="{}" aria-label="Progress of {}"></progress> {}',
            numbers.percent,
            visible(job.label),
            f"{numbers.processed:,} / {numbers.total:,}{failed}",
        )

    @admin.display(description="Items")
    def counts(self, job: Any) -> str:
        return humanize.counts(job.shown)

    @admin.display(description="Summary")
    def summary(self, job: Any) -> str:
        return visible(job.shown.summary or "") or EMPTY

    @admin.display(description="Notice")
    def notice_column(self, job: Any) -> str:
        return visible(job.shown.notice or job.shown.error or "")

    @admin.display(description="Duration")
    def duration(self, job: Any) -> str:
        """As in “1 min 30 s, 12.5 files/s”."""
        parts = (humanize.duration(job.shown.active_seconds), humanize.speed(job.shown))
        return ", ".join(filter(None, parts))
