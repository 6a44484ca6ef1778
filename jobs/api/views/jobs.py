"""Jobs: start, list, look at, delete."""

from django.conf import settings
from django.http import HttpResponseBase
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from jobs import services
from jobs.api.conditional import conditional
from jobs.api.pagination import page_of
from jobs.api.schema import NOT_MODIFIED, call
from jobs.api.serializers.answers import ActiveJob, JobPage, JobStatusAnswer, StartedJob, Success
from jobs.api.serializers.queries import PAGE_SIZE, UNFINISHED, JobsQuery, StatusQuery
from jobs.api.serializers.requests import StartJobSerializer
from jobs.api.sharing import Shared
from jobs.api.views.base import ApiView
from jobs.exceptions import FieldErrors, NoFiles, UnknownFiles, UnknownOperation
from jobs.feed import items_up_to
from jobs.models import Job
from jobs.progress import Standing, standing, status_object, status_objects
from jobs.states import ACTIVE, ENDED

_FIELD_OF = {UnknownOperation: "operation", UnknownFiles: "files"}

_STANDINGS: Shared[Standing] = Shared()
"""By the job's id and who asks."""


class JobsView(ApiView):
    @call(
        "listJobs",
        "Jobs, newest first",
        JobPage,
        tag="jobs",
        query=JobsQuery,
        also=NOT_MODIFIED,
        of_job=False,
    )
    def get(self, request: Request) -> HttpResponseBase:
        wanted = self.query(JobsQuery)
        jobs = self.named_jobs
        if wanted["status"] == UNFINISHED:
            jobs = jobs.filter(status__in=ACTIVE)
        elif wanted["status"]:
            jobs = jobs.filter(status=wanted["status"])
        count, pages, rows = page_of(jobs, wanted["page"], PAGE_SIZE)
        found = {"count": count, "page": wanted["page"], "pages": pages}
        return conditional(request, {**found, "jobs": status_objects(rows)})

    @call(
        "startJob",
        "Start a job",
        StartedJob,
        tag="jobs",
        status=201,
        body=StartJobSerializer,
        errors=(413, 415),
        of_job=False,
    )
    def post(self, request: Request) -> Response:
        wanted = self.body(StartJobSerializer)
        try:
            job = services.start_job(wanted.pop("operation"), **wanted, actor=self.actor)
        except (UnknownOperation, UnknownFiles) as error:
            fields = {_FIELD_OF[type(error)]: [error.message]}
            raise FieldErrors(error.message, fields=fields) from None
        except NoFiles as error:
            if "files" in wanted:
                raise FieldErrors(error.message, fields={"files": [error.message]}) from None
            raise
        status = status_object(job)
        total = status["progress"]["total"]
        return Response({"job_id": status["id"], "total_items": total, **status}, status=201)


class JobView(ApiView):
    @call(
        "getJob",
        "How a job stands",
        JobStatusAnswer,
        tag="jobs",
        query=StatusQuery,
        errors=(404,),
        also=NOT_MODIFIED,
    )
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        found = _STANDINGS.get((job_id, request.user.pk), lambda: standing(self.job(job_id)))
        cursor = request.query_params.get("after")
        if cursor is None:
            return conditional(request, found.status)
        items, following = items_up_to(found.job_id, cursor, found.lanes)
        return conditional(request, {**found.status, "items": items, "cursor": following})

    @call(
        "deleteJob",
        "Delete a job that has ended, with its items",
        Success,
        tag="jobs",
        errors=(404,),
    )
    def delete(self, request: Request, job_id: str) -> Response:
        if not services.may_delete(self.job(job_id), request.user):
            raise PermissionDenied("You may not delete other people's jobs.")
        services.delete_job(job_id, actor=self.actor, jobs=self.jobs)
        return Response({"success": True})


class ActiveJobView(ApiView):
    @call("getActiveJob", "The caller's job of this moment", ActiveJob, tag="jobs", of_job=False)
    def get(self, request: Request) -> Response:
        """The newest one that is not over; else the one that ended last, unless it was seen.

        Older ones that nobody has seen stay untold: a person who comes back after many jobs
        of a script wants to know of the last.
        """
        jobs = self.named_jobs
        if settings.LOGIN_REQUIRED:
            jobs = jobs.filter(created_by_id=request.user.pk)
        job: Job | None = jobs.filter(status__in=ACTIVE).first()
        if job is None:
            job = jobs.filter(status__in=ENDED).order_by("-finished_at", "-created_at").first()
        seen = job is None or (job.status in ENDED and job.seen)
        return Response({"job": None if job is None or seen else status_object(job)})
