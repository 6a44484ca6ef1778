"""Tokens of the REST framework, looked up by statements that are made once."""

from typing import Any

from django.contrib.auth import get_user_model
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed

from jobs.prepared import Prepared

_TOKEN: Prepared[Token] = Prepared(lambda: Token.objects.filter(key=""))
_USER: Prepared[Any] = Prepared(lambda: get_user_model()._base_manager.filter(pk=0).order_by())


class PreparedTokenAuthentication(TokenAuthentication):
    """As its base, at a fraction of its cost: making its query took a quarter of a poll."""

    def authenticate_credentials(self, key: str) -> tuple[Any, Token]:
        """The person and the token. Raises AuthenticationFailed."""
        tokens = _TOKEN.fetch(key)
        users = _USER.fetch(tokens[0].user_id) if tokens else []
        if not users:
            raise AuthenticationFailed("Invalid token.")
        (token,), (token.user,) = tokens, users
        if not token.user.is_active:
            raise AuthenticationFailed("User inactive or deleted.")
        return token.user, token
