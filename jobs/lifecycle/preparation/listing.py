"""Reads the keys that an operation lists itself, with its `items()`."""

import logging
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from threading import Timer
from time import monotonic
from typing import Any

from django.db import Error, InterfaceError, OperationalError, connection

from jobs import operations
from jobs.exceptions import BadItems

logger = logging.getLogger(__name__)

SLOW_SECONDS = 10.0
"""An `items()` that runs for longer is named in the log."""


def listed_keys(
    operation: operations.Operation, parameters: dict[str, Any]
) -> Generator[str, None, None]:
    """The keys that the operation lists. Close it if it is not read to its end.

    Raises BadItems if `items()` yields something other than text, or fails, and
    django.db.Error if the site's database does not answer.
    """
    try:
        keys = iter(operation.items(parameters))
        try:
            for key in keys:
                yield _checked(key)
        finally:
            # A cursor ends now, even if something still refers to the generator.
            getattr(keys, "close", lambda: None)()
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and not _database_answers():
            raise
        logger.exception("items() of the operation %s failed", operation.name)
        raise BadItems(reason=operations.describe_failure(error)) from error


def item_batches(
    operation: operations.Operation, parameters: dict[str, Any], size: int
) -> Iterator[list[str]]:
    """The keys that the operation lists, in lists of `size`. Raises as `listed_keys` does."""
    with closing(listed_keys(operation, parameters)) as keys:
        while batch := list(islice(keys, size)):
            yield batch


def list_items(
    operation: operations.Operation, parameters: dict[str, Any], limit: int, seconds: float
) -> list[str] | None:
    """All keys that the operation lists; None if there are too many, or it takes too long.

    Raises as `listed_keys` does.
    """
    deadline = monotonic() + seconds
    found: list[str] = []
    with closing(listed_keys(operation, parameters)) as keys, watched(operation, found):
        for key in keys:
            found.append(key)
            if len(found) > limit or monotonic() > deadline:
                return None
    return found


@contextmanager
def watched(operation: operations.Operation, counted: Any) -> Iterator[None]:
    """Name an `items()` in the log that takes long; `len(counted)` is the number of its keys."""
    began = monotonic()
    timer = Timer(SLOW_SECONDS, _log_slow, (operation.name, counted))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if (seconds := monotonic() - began) > SLOW_SECONDS:
            text = "items() of the operation %s took %.0f seconds to list %d keys"
            logger.warning(text, operation.name, seconds, len(counted))


def _log_slow(name: str, counted: Any) -> None:
    text = "items() of the operation %s is slow: %d keys in the first %g seconds"
    logger.warning(text, name, len(counted), SLOW_SECONDS)


def _database_answers() -> bool:
    try:
        connection.ensure_connection()
        return connection.is_usable()
    except Error:
        return False


def _checked(key: object) -> str:
    """The key, if any database can store it as text."""
    if not isinstance(key, str):
        raise TypeError(f"an item is {key!r:.80}, and not a text")
    if "\0" in key:
        raise ValueError(f"an item has a NUL character in it: {key!r:.80}")
    key.encode()  # a lone surrogate raises UnicodeEncodeError
    return key
