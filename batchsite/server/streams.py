"""Streamed responses, produced piece by piece as their clients read."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from batchsite.server.refusals import Refused

PIECE_BYTES = 64 * 1024

THREADS = 2
"""Threads of their own, so that many downloads delay no other request."""

MAX_STREAMS = 250
"""Each holds the rows that are written next, up to a megabyte."""

STALLED_SECONDS = 5.0
"""A client that has not read for this long may be disconnected for the next one."""

TOO_MANY = "The server sends too many downloads at the moment. Try again in a minute."


class Stream:
    """The pieces of one streamed response. The first is produced at once, by the view's thread."""

    def __init__(self, response: Any, *, head_only: bool = False) -> None:
        response.block_size = PIECE_BYTES  # of a file
        self._response = response
        self._parts: Iterator[bytes] = iter(response)
        self._lock = threading.Lock()
        self.is_complete = head_only
        """True once the last piece was produced."""
        self.first = b"" if head_only else self.next_piece()

    def next_piece(self) -> bytes:
        """Produce at least PIECE_BYTES, or what is left."""
        parts, size = [], 0
        with self._lock:
            for part in self._parts:
                parts.append(part)
                size += len(part)
                if size >= PIECE_BYTES:
                    break
            else:
                self.is_complete = True
        return b"".join(parts)

    @property
    def is_closed(self) -> bool:
        return bool(self._response.closed)

    def close(self) -> None:
        """Wait for a piece that is being produced, and close the response. Safe to repeat."""
        with self._lock:
            if not self.is_closed:
                self._response.close()


class Streams:
    """The streams of this process that are being sent."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "stream")
        self._open: set[Progress] = set()

    @contextmanager
    def opened(self) -> Iterator["Progress"]:
        """Count the current task as a stream; it may be cancelled for another while it stalls.

        Raises Refused if MAX_STREAMS are being sent and none of them has stalled.
        """
        if len(self._open) >= MAX_STREAMS:
            slowest = max(self._open, key=lambda each: each.stalled_seconds)
            if slowest.stalled_seconds < STALLED_SECONDS:
                raise Refused(503, TOO_MANY)
            self._open.remove(slowest)
            slowest.task.cancel()
        progress = Progress()
        self._open.add(progress)
        try:
            yield progress
        finally:
            self._open.discard(progress)

    async def pieces(
        self, stream: Stream, gone: "asyncio.Future[Any]", progress: "Progress"
    ) -> AsyncIterator[bytes]:
        """Yield the pieces. Ends early when `gone` is done, as nobody reads the rest."""
        loop = asyncio.get_running_loop()
        piece = stream.first
        stream.first = b""
        while True:
            progress.since = loop.time()
            yield piece
            progress.since = None
            if stream.is_complete or gone.done():
                return
            piece = await loop.run_in_executor(self._threads, stream.next_piece)

    def close(self, stream: Stream) -> None:
        """Close a stream, without waiting for it. Safe to repeat."""
        if not stream.is_closed:
            self._threads.submit(stream.close)


class Progress:
    """Since when a stream has waited for its client, in the time of the event loop."""

    def __init__(self) -> None:
        self.task: Any = asyncio.current_task()
        self.since: float | None = None

    @property
    def stalled_seconds(self) -> float:
        return 0.0 if self.since is None else asyncio.get_running_loop().time() - self.since
