"""Requests that are refused before a view sees them."""

from django.http import JsonResponse

RETRY_SECONDS = "60"


class Disconnected(Exception):
    """The client has gone before its request was complete."""


class Refused(Exception):
    """A limit of the server. The response says which."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.response = JsonResponse({"error": sentence}, status=status)
        if status == 503:
            self.response.headers["Retry-After"] = RETRY_SECONDS
