"""Hears notifications of the server on a connection of its own."""

import select
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseErrorWrapper

CHANNEL = "jobs_fence"


class NotificationChannel:
    """Implements `FenceChannel`. Its thread may use the connection between two waits."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        """Raises django.db.Error."""
        connection.ensure_connection()
        self._raw: psycopg.Connection[Any] = connection.connection
        self._errors = DatabaseErrorWrapper(connection)
        self._heard: set[int] = set()
        # Of notifications that arrive while the connection executes a statement. They prove nothing
        # about the time between two statements, in which a pool may give the server to others.
        self._raw.add_notify_handler(lambda notify: self._hear(notify.payload, probes=False))
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")

    def wait(self, seconds: float, wakeup: int) -> set[int]:
        if not self._heard:
            ready, _, _ = select.select([self._raw.fileno(), wakeup], [], [], seconds)
            if self._raw.fileno() in ready:
                self._receive()
        heard, self._heard = self._heard, set()
        return heard

    def _receive(self) -> None:
        with self._errors:
            pgconn = self._raw.pgconn
            pgconn.consume_input()
            while (found := pgconn.notifies()) is not None:
                self._hear(found.extra.decode(), probes=True)

    def _hear(self, text: str, *, probes: bool) -> None:
        # Others may use the channel's name for texts of theirs.
        words = [word for word in text.split() if word.lstrip("-").isdecimal()]
        self._heard.update(int(word) for word in words if probes or not word.startswith("-"))
