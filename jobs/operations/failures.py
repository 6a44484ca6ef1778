"""Any exception as a sentence for the person who started the job."""

import os

from jobs.operations.outcome import ItemFailed
from jobs.operations.text import clean_text


def describe_failure(error: BaseException, *, name: str = "") -> str:
    """What the item's message says after this exception. Never raises.

    `name` is the item's own file name: it is left out, because it is shown beside the
    message, and because equal errors of different files have to look equal.
    """
    return clean_text(_sentence(error, name))


def _sentence(error: BaseException, name: str) -> str:
    kind = type(error).__name__
    if isinstance(error, ItemFailed):
        return error.message
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
    """`No space left on device`, with the last part of another file's name if there is one.

    Absolute paths tell a visitor about the server, so they are not shown.
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
    except Exception:  # noqa: BLE001  (it is somebody else's code)
        # A broken __str__ must not hide that the item failed.
        return type(error).__name__
