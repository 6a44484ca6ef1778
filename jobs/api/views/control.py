"""What people do to running and ended jobs."""

from collections.abc import Callable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from jobs import services
from jobs.api.schema import call
from jobs.api.serializers.answers import CancelledAll, Success
from jobs.api.serializers.requests import GoOnSerializer
from jobs.api.views.base import ApiView
from jobs.exceptions import JobNotActive, JobNotFound


class ControlView(ApiView):
    """Answers {"success": true}; 400 also for a job that is not there, as for an ended one."""

    def control(self, service: Callable[..., Any], job_id: str, **options: bool) -> Response:
        try:
            service(job_id, actor=self.actor, jobs=self.jobs, **options)
        except JobNotFound as error:
            raise JobNotActive(error.message) from None
        return Response({"success": True})

    def go_on(self, service: Callable[..., Any], job_id: str) -> Response:
        leave_out = self.body(GoOnSerializer)["leave_out"]
        return self.control(service, job_id, unchanged_only=leave_out)


class CancelView(ControlView):
    @call(
        "cancelJob",
        "Cancel: when this has answered, no further item starts",
        Success,
        tag="control",
    )
    def post(self, request: Request, job_id: str) -> Response:
        return self.control(services.cancel_job, job_id)


class PauseView(ControlView):
    @call(
        "pauseJob",
        "Pause: as cancel, but the job is not over",
        Success,
        tag="control",
    )
    def post(self, request: Request, job_id: str) -> Response:
        return self.control(services.pause_job, job_id)


class ResumeView(ControlView):
    @call(
        "resumeJob",
        "Go on with what was not processed",
        Success,
        tag="control",
        body=GoOnSerializer,
        errors=(413, 415),
    )
    def post(self, request: Request, job_id: str) -> Response:
        return self.go_on(services.resume_job, job_id)


class RetryView(ControlView):
    @call(
        "retryJob",
        "Do again what has failed",
        Success,
        tag="control",
        body=GoOnSerializer,
        errors=(413, 415),
    )
    def post(self, request: Request, job_id: str) -> Response:
        return self.go_on(services.retry_job, job_id)


class CancelAllView(ApiView):
    @call(
        "cancelAllJobs",
        "Cancel every job that is not over",
        CancelledAll,
        tag="control",
        of_job=False,
    )
    def post(self, request: Request) -> Response:
        cancelled = services.cancel_all(actor=self.actor, jobs=self.jobs)
        return Response({"success": True, "cancelled": cancelled})


class SeenView(ApiView):
    @call(
        "markJobSeen", "The caller was told how the job ended", Success, tag="jobs", errors=(404,)
    )
    def post(self, request: Request, job_id: str) -> Response:
        self.jobs.filter(pk=self.job(job_id).pk).update(seen=True)
        return Response({"success": True})
