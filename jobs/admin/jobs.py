"""The list of jobs and the page of one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse

from jobs.admin import cells
from jobs.admin.actions import ACTIONS
from jobs.admin.columns import JobColumns
from jobs.admin.confirming import ConfirmedActions
from jobs.admin.readonly import ReadOnlyAdmin
from jobs.admin.searching import search_jobs
from jobs.models import Job, JobEvent
from jobs.progress import status_objects

EVENTS_SHOWN = 200
POLLED = 200
"""Jobs that one request of the script may ask about."""


def attach_status(jobs: list[Job]) -> list[Job]:
    """Give each its status object as `shown`; a fixed number of queries for all."""
    for job, status in zip(jobs, status_objects(jobs), strict=True):
        job.shown = status  # type: ignore[attr-defined]
    return jobs


class JobChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = attach_status(list(self.result_list))
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count  # so nothing offers to “show all”


@admin.register(Job)
class JobAdmin(JobColumns, ConfirmedActions, ReadOnlyAdmin):
    list_display = (
        "name", "owner", "state", "progress", "failed", "started", "duration", "speed",
    )  # fmt: skip
    list_display_links = ("name",)
    list_filter = (
        "status",
        "operation",
        ("created_by", admin.RelatedOnlyFieldListFilter),
        "created_at",
    )
    list_select_related = ("created_by", "cancelled_by")
    list_per_page = 50
    list_max_show_all = 200
    search_fields = ("pk",)  # shows the box; `get_search_results` does the search
    search_help_text = "The beginning of a job's id, or a part of the path of one of its items."
    fieldsets = (
        (None, {"fields": ("state", "progress", "counts", "current", "notice_text")}),
        ("What", {"fields": ("job_id", "operation", "parameters_text", "selection_text")}),
        (
            "When",
            {"fields": ("created", "started_in_full", "finished", "duration", "speed", "left")},
        ),
        ("Who", {"fields": ("created_by", "cancelled_by")}),
        ("Limits", {"fields": ("max_workers", "failure_limit")}),
    )
    readonly_fields = (
        "state", "progress", "counts", "current", "notice_text", "job_id", "parameters_text",
        "selection_text", "created", "started_in_full", "finished", "duration", "speed", "left",
    )  # fmt: skip

    class Media:
        js = [Script("admin-jobs.js", type="module")]

    def get_urls(self) -> list[Any]:
        poll = self.admin_site.admin_view(self.progress_view)
        return [path("progress/", poll, name="jobs_job_progress"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).select_related("created_by", "cancelled_by")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return JobChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        found = search_jobs(queryset, search_term)
        if found.after is not None:
            messages.warning(request, _partly_searched(found.after))
        return found.jobs, False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(ACTIONS["delete"].perm)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Job | None:
        job = super().get_object(request, object_id, from_field)
        return attach_status([job])[0] if job is not None else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        job = context["original"]
        possible = [
            action for action in self.permitted(request) if not action.hindrance(job, job.shown)
        ]
        return super().render_change_form(
            request, {**context, "job_actions": possible}, *args, **kwargs
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        found = self._about(request, object_id)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **found})

    def _about(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """What the page shows beside the fields."""
        try:
            job_id = UUID(object_id)
        except ValueError:
            return {}
        events = list(JobEvent.objects.filter(job=job_id).order_by("-id")[: EVENTS_SHOWN + 1])
        return {
            "show_delete": False,  # it stands among the other actions
            "title": "Job",
            "items_url": reverse("admin:jobs_jobitem_changelist") + f"?job__id__exact={job_id}",
            "events": events[:EVENTS_SHOWN],
            "more_events": len(events) > EVENTS_SHOWN,
        }

    def progress_view(self, request: HttpRequest) -> HttpResponse:
        """GET `?job=<id>…`: what has changed, by job, for the script."""
        if not self.has_view_permission(request):
            return JsonResponse({"error": "You may not see jobs."}, status=403)
        ids = []
        for given in request.GET.getlist("job")[:POLLED]:
            try:
                ids.append(UUID(given))
            except ValueError:
                continue
        jobs = self.get_queryset(request).filter(pk__in=ids)
        return JsonResponse(
            {"jobs": {found["id"]: cells.cells(found) for found in status_objects(jobs)}}
        )


def _partly_searched(after: datetime) -> str:
    told = (
        f"Only jobs made after {after:{cells.FULL}} UTC were searched for this path: there are many"
    )
    return f"{told} items. Choose filters as well, to search among fewer."
