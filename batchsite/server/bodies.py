"""Bodies of requests, received as a whole before a thread is used, and within limits."""

import asyncio
import tempfile
from contextlib import suppress
from typing import Any

from django.conf import settings

from batchsite.server.refusals import Disconnected, Refused

MEMORY_BYTES = 64 * 1024
"""A longer body is kept in a file until its view reads it."""

BODIES_AT_ONCE = 8
"""All bodies that are received or in use may have the length of this many of the longest."""

DISCARD_SECONDS = 5.0
"""A client that still sends may read the refusal of its request for this long."""

TOO_LARGE = "The request is too large: the limit is {limit:g} MB. Send less at once."
TOO_MANY = "The server receives too many large requests at the moment. Try again in a minute."


class Bodies:
    """The limits of one body, and of all together."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.used = 0

    def take(self, size: int) -> None:
        """Raises Refused if all bodies together would be too much."""
        if self.used + size > BODIES_AT_ONCE * self.max_bytes:
            raise Refused(503, TOO_MANY)
        self.used += size


class Body:
    """The body of one request, in memory or in a file of the system's temporary folder."""

    def __init__(self, bodies: Bodies) -> None:
        self.length = 0
        self.file: Any = tempfile.SpooledTemporaryFile(  # noqa: SIM115  (`close` closes it)
            max_size=MEMORY_BYTES, dir=settings.FILE_UPLOAD_TEMP_DIR
        )
        self._bodies = bodies
        self._taken = 0
        self._is_complete = False

    async def receive(self, scope: Any, receive: Any) -> None:
        """Receive all of it. Raises Refused, Disconnected."""
        self._check(_announced_length(scope))
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            piece = message.get("body", b"")
            self.length += len(piece)
            self._check(self.length)
            if self.length > MEMORY_BYTES:
                self._bodies.take(self.length - self._taken)
                self._taken = self.length
            self.file.write(piece)
            more = message.get("more_body", False)
        self._is_complete = True
        self.file.seek(0)

    async def discard(self, receive: Any) -> None:
        """Read the rest of a refused body: a connection that is closed before resets the client."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DISCARD_SECONDS):
                while not self._is_complete:
                    self._is_complete = not (await receive()).get("more_body")

    def close(self) -> None:
        self.file.close()
        self._bodies.used -= self._taken
        self._taken = 0

    def _check(self, length: int) -> None:
        limit = self._bodies.max_bytes
        if length > limit:
            raise Refused(413, TOO_LARGE.format(limit=limit / 2**20))


def _announced_length(scope: Any) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(value) if value.isdigit() else 0
