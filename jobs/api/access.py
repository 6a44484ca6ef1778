"""Who calls, and who may use the API at all; which jobs they see is `services.visible_jobs`."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

from jobs.backends.compiled import CompiledQuery

_USER: CompiledQuery[Any] = CompiledQuery(
    lambda: get_user_model()._base_manager.filter(auth_token__key="").order_by()
)


class CachedQueryTokenAuthentication(TokenAuthentication):
    """Its base class at a fraction of the cost: building its query took a third of a poll."""

    def authenticate_credentials(self, key: str) -> tuple[Any, Token]:
        """The user and the token. Raises AuthenticationFailed."""
        users = _USER.fetch(key)
        if not users:
            raise AuthenticationFailed("Invalid token.")
        if not users[0].is_active:
            raise AuthenticationFailed("User inactive or deleted.")
        return users[0], Token(key=key, user=users[0])


class CanUseSite(BasePermission):
    """Everybody if no login is required; else callers with a session or a token."""

    # Without types: the REST framework imports this module while it loads `Request` and `APIView`.
    def has_permission(self, request: Any, view: Any) -> bool:
        return not settings.LOGIN_REQUIRED or request.user.is_authenticated


class CanReadMetrics(BasePermission):
    """Everybody if no login is required; else staff, since metrics cover everybody's jobs."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return not settings.LOGIN_REQUIRED or request.user.is_staff
