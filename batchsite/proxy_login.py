"""Login by a header that a proxy in front of the site sets, after it has logged the person in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import RemoteUserBackend
from django.contrib.auth.middleware import RemoteUserMiddleware
from django.http import HttpRequest

from batchsite.clients import comes_from_trusted_proxy

NAME_LENGTH = 150


class ProxyLoginMiddleware(RemoteUserMiddleware):
    """Believes `REMOTE_USER_HEADER` of trusted proxies only, and logs out when it is missing."""

    header = settings.REMOTE_USER_VARIABLE

    def __call__(self, request: HttpRequest) -> Any:
        name = request.META.get(self.header)
        if name is not None and (
            not comes_from_trusted_proxy(request) or not 0 < len(_text(name)) <= NAME_LENGTH
        ):
            del request.META[self.header]
        return super().__call__(request)


class ProxyLoginBackend(RemoteUserBackend):
    """Creates an account without rights beyond its own jobs when a person comes first."""

    def configure_user(self, request: HttpRequest | None, user: Any, created: bool = True) -> Any:
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        return super().configure_user(request, user, created)

    def clean_username(self, username: str) -> str:
        return _text(username)


def _text(header: str) -> str:
    """The name as it was sent: WSGI hands out the bytes of a header as Latin-1."""
    try:
        return header.encode("latin-1").decode().strip()
    except UnicodeError:
        return header.strip()
