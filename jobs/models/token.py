"""The table of API tokens: hashed, several a person, named, with expiry and last use."""

from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.utils import timezone

NAME_LENGTH = 100
SHOWN_LENGTH = 8


def digest_of(token: str) -> str:
    """The form in which a token is stored. A token has 256 random bits, so one hash suffices."""
    return sha256(token.encode()).hexdigest()


class ApiToken(models.Model):
    """Lets a program act as a person. The token itself is shown once and stored nowhere."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=NAME_LENGTH)
    beginning = models.CharField(max_length=SHOWN_LENGTH)
    """The first characters, by which people recognise it."""
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    """None: never."""
    last_used_at = models.DateTimeField(null=True)
    """To within ten minutes."""

    class Meta:
        verbose_name = "API token"
        ordering = ["user_id", "-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    def is_expired(self, at: datetime | None = None) -> bool:
        return self.expires_at is not None and self.expires_at <= (at or timezone.now())
