"""About the site: health and metrics for monitoring, the OpenAPI schema, unknown URLs."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.access import CanReadMetrics, CanUseSite
from jobs.api.answers import Health
from jobs.api.formats import FirstRenderer
from jobs.api.health_checks import OK, checks
from jobs.api.schema import documented, serializer_of
from jobs.api.views.base import ApiView
from jobs.progress import metrics


class HealthView(ApiView):
    """For load balancers and people. Needs no login and reads no session."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @documented(
        "getHealth",
        "Is everything available that a job needs?",
        Health,
        "health",
        also={503: serializer_of(Health)},
    )
    def get(self, request: Request) -> Response:
        results = checks()
        healthy = all(result == OK for result in results.values())
        answer = Health(status="ok" if healthy else "error", checks=results)
        response = Response(answer, status=200 if healthy else 503)
        # Else Django would log an error at every check of a load balancer.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response


@extend_schema(exclude=True)
class MetricsView(ApiView):
    """For Prometheus. Outside local mode it sends a token of staff, as any program does."""

    permission_classes = [CanReadMetrics]

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(metrics.render(), content_type=CONTENT_TYPE_LATEST)


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3 as JSON."""

    permission_classes = [CanUseSite]
    content_negotiation_class = FirstRenderer
    metadata_class = None


@extend_schema(exclude=True)
class DocsView(ApiView):
    def get(self, request: Request) -> HttpResponse:
        return render(request._request, "api_docs.html")


@extend_schema(exclude=True)
class UnknownView(ApiView):
    """404 as JSON for every other URL under /api/, whatever the method."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404
