"""What people do to running and finished jobs."""

from collections.abc import Callable

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from jobs import services
from jobs.api.answers import CancelledAll, Changes, Success
from jobs.api.schema import documented
from jobs.api.serializers.queries import ChangesQuery
from jobs.api.serializers.requests import RequeueSerializer, ResumeSerializer
from jobs.api.views.base import ApiView
from jobs.exceptions import JobNotActive, JobNotFound
from jobs.library.drift import find_drift
from jobs.progress.items import count_items
from jobs.states import ItemStatus

_PROCESSED_BY = {"resume": (ItemStatus.PENDING, ItemStatus.SKIPPED), "retry": (ItemStatus.FAILED,)}
"""The statuses of the items that a resume or retry processes, as stored and as reported."""


def _control_view(
    name: str, summary: str, service: Callable[..., None], body: type[Serializer] | None = None
) -> type[ApiView]:
    """A view that answers {"success": true}; 400 for an unknown job, as for a finished one.

    The fields of `body` are options of the service.
    """

    class ControlView(ApiView):
        @documented(name, summary, Success, "control", body=body)
        def post(self, request: Request, job_id: str) -> Response:
            options = self.body(body) if body else {}
            try:
                service(job_id, actor=self.actor, jobs=self.jobs, **options)
            except JobNotFound as error:
                raise JobNotActive(error.message) from None
            return Response({"success": True})

    return ControlView


CancelView = _control_view(
    "cancelJob", "Cancel: after the answer, no item starts", services.cancel_job
)
PauseView = _control_view(
    "pauseJob", "Pause: as cancel, but the job is not finished", services.pause_job
)
ResumeView = _control_view(
    "resumeJob", "Continue with unprocessed items", services.resume_job, ResumeSerializer
)
RetryView = _control_view(
    "retryJob", "Process failed items again", services.retry_job, RequeueSerializer
)


class CancelAllView(ApiView):
    @documented("cancelAllJobs", "Cancel every unfinished job", CancelledAll, "control")
    def post(self, request: Request) -> Response:
        cancelled = services.cancel_all(actor=self.actor, jobs=self.jobs)
        return Response(CancelledAll(success=True, cancelled=cancelled))


class SeenView(ApiView):
    @documented(
        "markJobSeen", "The caller has seen the end of the job", Success, "jobs", errors=(404,)
    )
    def post(self, request: Request, job_id: str) -> Response:
        self.jobs.filter(pk=self.job(job_id).pk).update(seen=True)
        return Response({"success": True})


class ChangesView(ApiView):
    @documented(
        "getChanges",
        "Which files have changed or disappeared since the job was created",
        Changes,
        "control",
        query=ChangesQuery,
        errors=(404,),
    )
    def get(self, request: Request, job_id: str) -> Response:
        statuses = _PROCESSED_BY[self.query(ChangesQuery)["for"]]
        job = self.job(job_id)
        found = find_drift(job, statuses)
        return Response(
            Changes(
                count=sum(count_items(job, status=status) for status in statuses),
                changed=found.changed,
                vanished=found.vanished,
                examples=[path for path, _ in found.examples],
                checked=found.checked,
                complete=found.complete,
            )
        )
