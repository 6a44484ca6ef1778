"""Jobs: start, list, read, delete."""

from django.conf import settings
from django.http import HttpResponseBase
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from jobs import services
from jobs.api.answers import ActiveJob, JobPage, PolledJob, Success
from jobs.api.etag import conditional
from jobs.api.schema import NOT_MODIFIED, documented
from jobs.api.serializers.queries import PAGE_SIZE, UNFINISHED, JobsQuery, StatusQuery
from jobs.api.serializers.requests import StartJobSerializer
from jobs.api.single_flight import SingleFlight
from jobs.api.views.base import ApiView
from jobs.exceptions import FieldErrors, NoFiles, UnknownFiles, UnknownOperation
from jobs.models import Job
from jobs.progress import Snapshot, snapshot, status_object, status_objects
from jobs.progress.finished_items import finished_items
from jobs.progress.status import StartedJob, extend, started_job
from jobs.states import ACTIVE, FINISHED

_SNAPSHOTS: SingleFlight[Snapshot] = SingleFlight()
"""By the id of the job and of the user."""


class JobsView(ApiView):
    @documented(
        "listJobs", "Jobs, newest first", JobPage, "jobs", query=JobsQuery, also=NOT_MODIFIED
    )
    def get(self, request: Request) -> HttpResponseBase:
        wanted = self.query(JobsQuery)
        page, jobs = wanted["page"], self.named_jobs
        if wanted["status"] == UNFINISHED:
            jobs = jobs.filter(status__in=ACTIVE)
        elif wanted["status"]:
            jobs = jobs.filter(status=wanted["status"])
        count = jobs.count()
        # A page after the last one is empty and no error: the list may have become shorter.
        rows = list(jobs[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]) if count else []
        pages = max(1, -(-count // PAGE_SIZE))
        found = JobPage(count=count, page=page, pages=pages, jobs=status_objects(rows))
        return conditional(request, found)

    @documented("startJob", "Start a job", StartedJob, "jobs", status=201, body=StartJobSerializer)
    def post(self, request: Request) -> Response:
        wanted = self.body(StartJobSerializer)
        try:
            job = services.start_job(wanted.pop("operation"), **wanted, actor=self.actor)
        except (UnknownOperation, UnknownFiles, NoFiles) as error:
            field = "operation" if isinstance(error, UnknownOperation) else "files"
            if field == "files" and field not in wanted:
                raise
            raise FieldErrors(error.message, fields={field: [error.message]}) from None
        return Response(started_job(status_object(job)), status=201)


class JobView(ApiView):
    @documented(
        "getJob", "The state of a job", PolledJob, "jobs",
        query=StatusQuery, errors=(404,), also=NOT_MODIFIED,
    )  # fmt: skip
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        found = _SNAPSHOTS.get((job_id, request.user.pk), lambda: snapshot(self.job(job_id)))
        after = request.query_params.get("after")
        if after is None:
            return conditional(request, found.status)
        items, cursor = finished_items(found.job_id, after, found.slots)
        return conditional(request, extend(found.status, PolledJob, items=items, cursor=cursor))

    @documented(
        "deleteJob",
        "Delete a finished job with its items and outputs",
        Success,
        "jobs",
        errors=(404,),
    )
    def delete(self, request: Request, job_id: str) -> Response:
        if not services.may_delete(self.job(job_id), request.user):
            raise PermissionDenied("You may not delete other people's jobs.")
        services.delete_job(job_id, actor=self.actor, jobs=self.jobs)
        return Response({"success": True})


class ActiveJobView(ApiView):
    @documented("getActiveJob", "The caller's current job", ActiveJob, "jobs")
    def get(self, request: Request) -> Response:
        """The newest unfinished one; else the one that finished last, unless it was seen.

        Older unseen ones are left out: after many jobs of a script, only the last is news.
        """
        jobs = self.named_jobs
        if settings.LOGIN_REQUIRED:
            jobs = jobs.filter(created_by_id=request.user.pk)
        job: Job | None = jobs.filter(status__in=ACTIVE).first()
        if job is None:
            job = jobs.filter(status__in=FINISHED).order_by("-finished_at", "-created_at").first()
        seen = job is None or (job.status in FINISHED and job.seen)
        return Response(ActiveJob(job=None if job is None or seen else status_object(job)))
