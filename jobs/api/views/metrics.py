"""What Prometheus scrapes. Outside local mode it sends a token of staff, as any program does."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework.request import Request

from jobs.api.permissions import MayReadMetrics
from jobs.api.views.base import ApiView
from jobs.metrics import render


@extend_schema(exclude=True)
class MetricsView(ApiView):
    permission_classes = [MayReadMetrics]

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(render(), content_type=CONTENT_TYPE_LATEST)
