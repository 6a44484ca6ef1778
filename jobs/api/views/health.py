"""The health check, for load balancers and people. Asks for no login and touches no session."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.health import OK, checks
from jobs.api.schema import call
from jobs.api.serializers.answers import Health
from jobs.api.views.base import ApiView


class HealthView(ApiView):
    authentication_classes = []
    permission_classes = [AllowAny]

    @call(
        "getHealth",
        "Is all there that a job needs?",
        Health,
        tag="health",
        also={503: Health},
        of_job=False,
    )
    def get(self, request: Request) -> Response:
        found = checks()
        well = all(told == OK for told in found.values())
        answer = {"status": OK if well else "error", "checks": found}
        response = Response(answer, status=200 if well else 503)
        # Django would log an error at every look of whoever watches.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response
