"""The OpenAPI schema and a page that shows it. All of the page comes from this site."""

from django.http import HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request

from jobs.api.permissions import MayUseSite
from jobs.api.views.base import AlwaysTheFirst, ApiView


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3 as JSON."""

    permission_classes = [MayUseSite]
    content_negotiation_class = AlwaysTheFirst
    metadata_class = None


@extend_schema(exclude=True)
class DocsView(ApiView):
    def get(self, request: Request) -> HttpResponse:
        return render(request._request, "api_docs.html")
