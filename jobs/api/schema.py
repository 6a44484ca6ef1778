"""What the schema says of every call: its answers, the errors it can have, its parameters."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from jobs.api.serializers.answers import Error

View = TypeVar("View", bound=Callable[..., Any])

JOB_ID = OpenApiParameter("job_id", OpenApiTypes.STR, "path", description="The id of a job.")

NOT_MODIFIED = {304: OpenApiResponse(description="The same as the answer with this ETag.")}

_ERRORS = {
    400: "The request is not valid, not possible now, or for a host that this site is not.",
    401: "A session or a token is needed.",
    403: "The request comes from another site, or lacks the CSRF token of its session.",
    404: "There is no such job, or it is somebody else's.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    500: "A fault of the server; it was logged.",
    503: "The database does not answer.",
}


def call(
    name: str,
    summary: str,
    answer: Any,
    *,
    tag: str,
    status: int = 200,
    errors: tuple[int, ...] = (),
    body: Any = None,
    query: Any = None,
    of_job: bool = True,
    also: dict[Any, Any] | None = None,
) -> Callable[[View], View]:
    """Describe a method of a view; `name` is for programs that are made from the schema.

    `errors` are those beside 400, 401, 403, 500 and 503, which every call can have.
    """
    statuses = sorted({*errors, 400, 401, 403, 500, 503})
    responses = {number: OpenApiResponse(Error, description=_ERRORS[number]) for number in statuses}
    parameters = [JOB_ID] if of_job else []
    answers = answer if isinstance(answer, dict) else {status: answer}
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=f"{summary}.",
        tags=[tag],
        request=body,
        parameters=[*parameters, query] if query else parameters,
        responses={**responses, **answers, **(also or {})},
    )
