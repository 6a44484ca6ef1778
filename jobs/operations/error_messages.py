"""Turns any exception into a sentence for the person who started the job."""

import os

from jobs.operations.item import Item
from jobs.operations.private_text import hide, one_line
from jobs.operations.results import ItemFailed, clean_text

ELLIPSIS = "…"


def describe_failure(error: BaseException, *, item: Item | None = None) -> str:
    """Return the message of an item that failed with this exception: one line. Never raises.

    Paths and names of the server are left out. So is the name of the item's own file, if the
    system reports it: the page shows it beside the message, and equal errors of different files
    must have equal messages.
    """
    name = item.key.rpartition("/")[2] if item is not None else ""
    return clean_text(hide(_sentence(error, name), item))


def without_name(message: str, key: str) -> str:
    """The message with the item's path, then with its bare name, replaced by an ellipsis."""
    key = one_line(key)  # as it is in messages
    return _replace(_replace(message, key), key.rpartition("/")[2])


def _sentence(error: BaseException, name: str) -> str:
    kind = type(error).__name__
    if isinstance(error, ItemFailed):
        return str(error.message)
    if isinstance(error, MemoryError):
        return "It needed more memory than a worker may use"
    if isinstance(error, RecursionError):
        return "The operation called itself too often (RecursionError)"
    if isinstance(error, SystemExit):
        return f"The operation tried to exit (SystemExit: {_text(error)})"
    if isinstance(error, KeyboardInterrupt):
        return "The operation was interrupted (KeyboardInterrupt)"
    if isinstance(error, OSError) and error.strerror:
        return _os_error(error, name)
    text = _text(error)
    if not text or isinstance(error, KeyError):
        return f"{kind}: {text}" if text else kind
    return text


def _os_error(error: OSError, name: str) -> str:
    """Return `No space left on device`, with the name of another file if the error has one.

    Absolute paths are left out, because they reveal details of the server.
    """
    where = error.filename
    if isinstance(where, bytes):
        where = os.fsdecode(where)
    if not isinstance(where, str) or os.path.basename(where) in ("", name):
        return str(error.strerror)
    return f"{error.strerror}: {os.path.basename(where)}"


def _text(error: BaseException) -> str:
    try:
        return str(error).strip()
    except Exception:  # noqa: BLE001 (third-party code)
        # A broken __str__ must not hide that the item failed.
        return type(error).__name__


def _replace(message: str, name: str) -> str:
    """Replaces whole names only: a file called “a” must not take the letters out of words."""
    if not name:
        return message
    parts, start = [], 0
    while (found := message.find(name, start)) >= 0:
        end = found + len(name)
        touches = message[found - 1 : found].isalnum() or message[end : end + 1].isalnum()
        parts += [message[start:found], name if touches else ELLIPSIS]
        start = end
    return "".join([*parts, message[start:]])
