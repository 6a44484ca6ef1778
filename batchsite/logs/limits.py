"""How many lines are written: equal ones once a minute, and all within a limit per second.

The rules hold for all processes of a site on a machine together, by a small file that they share.
"""

import logging
from hashlib import blake2b
from pathlib import Path

from batchsite.logs.formatter import extra_values
from batchsite.logs.shared import SharedCounts

ACCESS_LOGGER = "gunicorn.access"
ACCESS_FACTOR = 10
"""An access log is wanted in full, and has a limit of its own that many times as high."""

SHARES = ((logging.ERROR, 1.0), (logging.WARNING, 0.75), (0, 0.5))
"""The part of the limit that lines of a level and above may use, so that no flood hides errors."""


class LineLimits(logging.Filter):
    """Passes the same warning or error once a minute, and few enough lines a second.

    A line that passes has as `suppressed` how many equal ones were suppressed since, and as
    `lines_dropped` how many others the limit per second has suppressed. While a database is away,
    every process that needs it notices that several times a second; and a client may cause a new
    message with each request.
    """

    def __init__(self, file: str | Path | None = None, lines_per_second: int = 200) -> None:
        """`file` is shared between processes; None is for this one. 0 lines means no limit."""
        super().__init__()
        self._counts = SharedCounts(None if file is None else Path(file))
        self._limit = lines_per_second

    def filter(self, record: logging.LogRecord) -> bool:
        is_access = record.name == ACCESS_LOGGER
        share = next(share for level, share in SHARES if record.levelno >= level)
        limit = self._limit * (ACCESS_FACTOR if is_access else share)
        digest = _digest(record) if record.levelno >= logging.WARNING else None
        passed = self._counts.take(record.created, limit, digest, counter=int(is_access))
        if passed is None:
            return False
        if passed.suppressed:
            record.suppressed = passed.suppressed
        if passed.dropped:
            record.lines_dropped = passed.dropped
        return True


def _digest(record: logging.LogRecord) -> bytes:
    error = record.exc_info[1] if record.exc_info else None
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001  (wrong arguments; the handler reports them)
        message = str(record.msg)
    same = (record.name, record.levelno, message, extra_values(record), error)
    return blake2b(repr(same).encode(errors="surrogatepass"), digest_size=8).digest()
