"""The page of clusters and workers."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from jobs.admin.readonly import ReadOnlyAdmin
from jobs.admin.staff import look_around
from jobs.models import Cluster


@admin.register(Cluster)
class WorkersAdmin(ReadOnlyAdmin):
    """One page in place of a list of rows; `now/` is the same as JSON for its script."""

    list_display = ("host", "pid", "size", "status", "started_at", "seen_at")

    class Media:
        js = [Script("admin-workers.js", type="module")]

    def get_urls(self) -> list[Any]:
        now = self.admin_site.admin_view(self.now_view)
        return [path("now/", now, name="jobs_cluster_now"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Workers",
            "opts": self.opts,
            "media": self.media,
            "now": look_around(),
            "now_url": reverse("admin:jobs_cluster_now"),
            "jobs_url": reverse("admin:jobs_job_changelist"),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/jobs/cluster/workers.html", context)

    def now_view(self, request: HttpRequest) -> HttpResponse:
        """The page's tables as JSON."""
        if not self.has_view_permission(request):
            return JsonResponse({"error": "You may not see workers."}, status=403)
        return JsonResponse(look_around())
