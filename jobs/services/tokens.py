"""API tokens: created, and revoked with the password of their person."""

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import is_password_usable
from django.db import models
from django.utils import timezone

from jobs.models.token import SHOWN_LENGTH, ApiToken, digest_of

PREFIX = "bs_"
"""So that people and secret scanners recognise a token."""

MAX_DAYS = 36_500


def create_token(user: Any, *, name: str, days: int | None = None) -> tuple[str, ApiToken]:
    """Create a token and return it with its row; from then on it cannot be read anywhere.

    It expires after `days`, 1 to MAX_DAYS; None: never.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    row = ApiToken.objects.create(
        user=user,
        name=name,
        beginning=token[:SHOWN_LENGTH],
        digest=digest_of(token),
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    return token, row


def revoke_after_password_change(
    sender: Any, instance: Any, update_fields: Any = None, **_: Any
) -> None:
    """Receives `pre_save` of accounts: a new password, or none any more, revokes the tokens.

    Django's silent upgrade of a hash is no change. A write that bypasses `save()` is not seen.
    """
    if instance._state.adding or (update_fields is not None and "password" not in update_fields):
        return
    if getattr(instance, "_password", None) is None and not _loses_password(sender, instance):
        return
    ApiToken.objects.using(instance._state.db).filter(user=instance.pk).delete()


def _loses_password(model: type[models.Model], account: Any) -> bool:
    if is_password_usable(account.password):
        return False
    before = model._base_manager.filter(pk=account.pk).values_list("password", flat=True).first()
    return before is not None and is_password_usable(before)
