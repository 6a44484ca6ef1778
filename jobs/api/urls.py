"""Addresses of the API. Ids are any text here: a malformed one is unknown, like any other."""

from django.urls import path, re_path

from jobs.api.views.changes import ChangesView
from jobs.api.views.control import (
    CancelAllView,
    CancelView,
    PauseView,
    ResumeView,
    RetryView,
    SeenView,
)
from jobs.api.views.docs import DocsView, SchemaView
from jobs.api.views.files import FilesView, ScanView
from jobs.api.views.items import CsvView, EventsView, FailuresView, ItemsView, JsonView
from jobs.api.views.jobs import ActiveJobView, JobsView, JobView
from jobs.api.views.operations import OperationsView
from jobs.api.views.unknown import UnknownView

urlpatterns = [
    path("operations", OperationsView.as_view(), name="api-operations"),
    path("files", FilesView.as_view(), name="api-files"),
    path("files/scan", ScanView.as_view(), name="api-scan"),
    path("jobs", JobsView.as_view(), name="api-jobs"),
    path("jobs/active", ActiveJobView.as_view(), name="api-active-job"),
    path("jobs/cancel-all", CancelAllView.as_view(), name="api-cancel-all"),
    path("jobs/<str:job_id>", JobView.as_view(), name="api-job"),
    path("jobs/<str:job_id>/items", ItemsView.as_view(), name="api-items"),
    path("jobs/<str:job_id>/items.csv", CsvView.as_view(), name="api-items-csv"),
    path("jobs/<str:job_id>/items.json", JsonView.as_view(), name="api-items-json"),
    path("jobs/<str:job_id>/failures", FailuresView.as_view(), name="api-failures"),
    path("jobs/<str:job_id>/events", EventsView.as_view(), name="api-events"),
    path("jobs/<str:job_id>/changes", ChangesView.as_view(), name="api-changes"),
    path("jobs/<str:job_id>/cancel", CancelView.as_view(), name="api-cancel"),
    path("jobs/<str:job_id>/pause", PauseView.as_view(), name="api-pause"),
    path("jobs/<str:job_id>/resume", ResumeView.as_view(), name="api-resume"),
    path("jobs/<str:job_id>/retry", RetryView.as_view(), name="api-retry"),
    path("jobs/<str:job_id>/seen", SeenView.as_view(), name="api-seen"),
    path("schema", SchemaView.as_view(), name="api-schema"),
    path("docs", DocsView.as_view(), name="api-docs"),
    re_path("", UnknownView.as_view()),
]
