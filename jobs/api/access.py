"""Who calls, and who may use the API at all; which jobs they see is `services.visible_jobs`."""

import logging
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_login_failed
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

from jobs.backends.compiled import CompiledQuery
from jobs.models.token import ApiToken, digest_of

logger = logging.getLogger(__name__)

LAST_USE_SECONDS = 600.0
"""How often each process writes that a token was used: a write for each poll would be slow."""

TOKEN_ACCOUNT = "(API token)"  # noqa: S105 (no password)
"""Stands for the account of a failed token in the signal `user_login_failed`."""

REFUSAL = (
    "This token is not valid: it is misspelt, has expired or was revoked. "
    "Create another one: manage.py createtoken USER"
)

_USER: CompiledQuery[Any] = CompiledQuery(
    lambda: (
        get_user_model()
        ._base_manager.filter(
            Q(api_tokens__digest="")
            & (Q(api_tokens__expires_at__isnull=True) | Q(api_tokens__expires_at__gt=Now()))
        )
        .order_by()
    )
)

_written: dict[str, float] = {}
"""When the use of a token was last written, by its digest."""


class TokenAuthentication(authentication.TokenAuthentication):
    """`Authorization: Token …`, by its digest; one query for the token and its user.

    A failure sends Django's signal `user_login_failed`, by which the site throttles them.
    """

    def authenticate(self, request: Any) -> Any:
        """The user and the token's digest, or None without the header. Raises
        AuthenticationFailed."""
        try:
            return super().authenticate(request)
        except AuthenticationFailed:
            user_login_failed.send(
                sender=__name__,
                credentials={"username": TOKEN_ACCOUNT},
                request=getattr(request, "_request", request),
            )
            raise

    def authenticate_credentials(self, key: str) -> tuple[Any, str]:
        digest = digest_of(key)
        users = _USER.fetch(digest)
        if not users or not users[0].is_active:
            raise AuthenticationFailed(REFUSAL)
        _record_use(digest)
        return users[0], digest


def _record_use(digest: str) -> None:
    """Write the time of the use, unless that was done a short time ago. Never raises."""
    now = monotonic()
    if now - _written.get(digest, float("-inf")) < LAST_USE_SECONDS:
        return
    if len(_written) >= 10_000:
        _written.clear()
    _written[digest] = now
    try:
        with transaction.atomic():
            ApiToken.objects.filter(digest=digest).update(last_used_at=timezone.now())
    except DatabaseError as error:  # a locked or full database must not refuse a reader
        logger.warning("The use of a token was not recorded: %s", error)


class CanUseSite(BasePermission):
    """Everybody if no login is required; else callers with a session or a token."""

    # Without types: the REST framework imports this module while it loads `Request` and `APIView`.
    def has_permission(self, request: Any, view: Any) -> bool:
        return not settings.LOGIN_REQUIRED or request.user.is_authenticated


class CanReadMetrics(BasePermission):
    """Everybody if no login is required; else staff, since metrics cover everybody's jobs."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return not settings.LOGIN_REQUIRED or request.user.is_staff
