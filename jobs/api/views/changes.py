"""What has become of a job's files, asked before it is resumed or retried."""

from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.rows import Rows
from jobs.api.schema import call
from jobs.api.serializers.answers import Changes
from jobs.api.serializers.queries import ChangesQuery
from jobs.api.views.base import ApiView
from jobs.library.changes import changes
from jobs.states import ItemStatus

_STATUSES = {
    "resume": (ItemStatus.PENDING, ItemStatus.SKIPPED),
    "retry": (ItemStatus.FAILED,),
}
"""Of the items that are processed then; the same in their rows and as they are shown."""


class ChangesView(ApiView):
    @call(
        "getChanges",
        "Which files have changed or vanished since the job was made",
        Changes,
        tag="control",
        query=ChangesQuery,
        errors=(404,),
    )
    def get(self, request: Request, job_id: str) -> Response:
        purpose = self.query(ChangesQuery)["for"]
        job = self.job(job_id)
        found = changes(job, _STATUSES[purpose])
        return Response(
            {
                "count": sum(Rows(job, status.value).count() for status in _STATUSES[purpose]),
                "changed": found.changed,
                "vanished": found.vanished,
                "examples": [path for path, _ in found.examples],
                "checked": found.checked,
                "complete": found.complete,
            }
        )
