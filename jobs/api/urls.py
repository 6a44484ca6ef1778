"""URLs of the API. An id may be any text here: a malformed one is answered as an unknown one."""

from django.urls import path, re_path

from jobs.api.views import control, items, jobs, library, site

urlpatterns = [
    path("operations", library.OperationsView.as_view(), name="api-operations"),
    path("files", library.FilesView.as_view(), name="api-files"),
    path("files/scan", library.ScanView.as_view(), name="api-scan"),
    path("jobs", jobs.JobsView.as_view(), name="api-jobs"),
    path("jobs/active", jobs.ActiveJobView.as_view(), name="api-active-job"),
    path("jobs/cancel-all", control.CancelAllView.as_view(), name="api-cancel-all"),
    path("jobs/<str:job_id>", jobs.JobView.as_view(), name="api-job"),
    path("jobs/<str:job_id>/items", items.ItemsView.as_view(), name="api-items"),
    path("jobs/<str:job_id>/items.csv", items.CsvView.as_view(), name="api-items-csv"),
    path("jobs/<str:job_id>/items.json", items.JsonView.as_view(), name="api-items-json"),
    path("jobs/<str:job_id>/failures", items.FailuresView.as_view(), name="api-failures"),
    path("jobs/<str:job_id>/events", items.EventsView.as_view(), name="api-events"),
    path("jobs/<str:job_id>/changes", control.ChangesView.as_view(), name="api-changes"),
    path("jobs/<str:job_id>/cancel", control.CancelView.as_view(), name="api-cancel"),
    path("jobs/<str:job_id>/pause", control.PauseView.as_view(), name="api-pause"),
    path("jobs/<str:job_id>/resume", control.ResumeView.as_view(), name="api-resume"),
    path("jobs/<str:job_id>/retry", control.RetryView.as_view(), name="api-retry"),
    path("jobs/<str:job_id>/seen", control.SeenView.as_view(), name="api-seen"),
    path("schema", site.SchemaView.as_view(), name="api-schema"),
    path("docs", site.DocsView.as_view(), name="api-docs"),
    re_path("", site.UnknownView.as_view()),
]
