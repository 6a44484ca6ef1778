"""Who may use the API at all; which jobs a person sees is `services.visible_jobs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.permissions import BasePermission

if TYPE_CHECKING:  # the REST framework imports this module while it loads those
    from rest_framework.request import Request
    from rest_framework.views import APIView


class MayUseSite(BasePermission):
    """Anyone where nobody has to log in; else who has a session or a token."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return not settings.LOGIN_REQUIRED or request.user.is_authenticated


class MayReadMetrics(BasePermission):
    """They tell of everybody's jobs: anyone where nobody has to log in, else staff."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return not settings.LOGIN_REQUIRED or request.user.is_staff
