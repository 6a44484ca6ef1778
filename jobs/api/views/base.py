"""What all views share: the caller, the caller's jobs, checked bodies and queries."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from jobs.api.formats import BoundedJSONParser, FirstRenderer
from jobs.models import Job
from jobs.services import Actor, get_visible_job, visible_jobs

PAGE_HEADER = "batchsite-page"


class ApiView(APIView):
    """A view of the API; `jobs.api.errors` answers its exceptions."""

    parser_classes = [BoundedJSONParser]
    content_negotiation_class = FirstRenderer
    metadata_class = None
    http_method_names = ["get", "post", "delete", "head"]

    @property
    def jobs(self) -> QuerySet[Job]:
        """The jobs that the caller sees and controls."""
        return visible_jobs(self.request.user)

    @property
    def named_jobs(self) -> QuerySet[Job]:
        """The same, joined with the users whose names a status object shows."""
        return self.jobs.select_related("created_by", "cancelled_by")

    def job(self, job_id: str) -> Job:
        """Raises JobNotFound, also for other people's jobs."""
        user = self.request.user
        job = get_visible_job(job_id, user)
        # It is mostly the caller's own job; joining two users costs half of a poll.
        if user.is_authenticated and job.created_by_id == user.pk:
            job.created_by = user
        if user.is_authenticated and job.cancelled_by_id == user.pk:
            job.cancelled_by = user
        return job

    @property
    def actor(self) -> Actor:
        from_page = self.request.headers.get("X-Requested-With") == PAGE_HEADER
        return Actor(user=self.request.user, source="page" if from_page else "api")

    def query(self, kind: type[Serializer]) -> dict[str, Any]:
        """The checked query string. Raises ValidationError."""
        given = {name: value for name, value in self.request.query_params.items() if value}
        return self._checked(kind, given)

    def body(self, kind: type[Serializer]) -> dict[str, Any]:
        """The checked body. Raises ValidationError, ParseError, UnsupportedMediaType."""
        return self._checked(kind, self.request.data)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        # Every answer is a state that may change at once.
        answer.headers.setdefault("Cache-Control", "private, no-cache")
        return answer

    def _checked(self, kind: type[Serializer], data: Any) -> dict[str, Any]:
        serializer = kind(data=data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)
