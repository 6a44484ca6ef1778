"""Addresses under /api/ where nothing is: a JSON answer like all others."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from jobs.api.views.base import ApiView


@extend_schema(exclude=True)
class UnknownView(ApiView):
    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404
