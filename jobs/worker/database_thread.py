"""The end of a thread that may be waiting for the database."""

from threading import Thread

from django.db.backends.base.base import BaseDatabaseWrapper

from jobs import backends

END_SECONDS = 2.0
"""Time for the thread's current statement; then its connection is cut off."""


def has_ended(thread: Thread, connection: BaseDatabaseWrapper | None, seconds: float) -> bool:
    """Return True if the thread ends within this time; cuts it off from a server that hangs."""
    thread.join(END_SECONDS)
    if thread.is_alive():
        if connection is not None:
            backends.current().interrupt(connection)
        thread.join(seconds)
    return not thread.is_alive()
