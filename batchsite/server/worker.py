"""gunicorn's ASGI worker, with time limits for slow clients and a limit on connections."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

HEAD_SECONDS = 30.0
"""A new connection must send the head of its first request within this time."""

UNSENT_BYTES = 128 * 1024
"""What the kernel takes of a response before the client makes room for it. Without a limit it takes
megabytes, and producing them for clients that read nothing would keep the processor busy."""


class Connection(ASGIProtocol):
    """Closes a connection whose client does not send the head of a request, or does not read."""

    _stalled_bytes = 0
    _stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        # The `writelines` of Python 3.12.0 to 3.12.7 and 3.13.0 does not pause the protocol, so a
        # response to a client that reads nothing would pile up in memory.
        transport.writelines = lambda parts: transport.write(b"".join(parts))
        super().connection_made(transport)
        _limit_unsent(transport.get_extra_info("socket"))
        # gunicorn cancels this timer when the head of a request is complete, and sets it again
        # after a response.
        seconds = min(HEAD_SECONDS, self.cfg.timeout)
        self._keepalive_handle = self.worker.loop.call_later(seconds, self._keepalive_timeout)
        self.worker.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_stall_timer()
        self.worker.connections.pop(self, None)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._start_stall_timer()

    def resume_writing(self) -> None:
        self._stop_stall_timer()
        super().resume_writing()

    def eof_received(self) -> bool:
        """Keep the connection of a client that has sent its request and sends no more."""
        return not self.is_receiving

    @property
    def is_idle(self) -> bool:
        """True if no request is being received, run or answered."""
        return self._awaiting_request and not self.transport.get_write_buffer_size()

    @property
    def is_receiving(self) -> bool:
        """True if the request is not complete, or there is none."""
        receiver = self._body_receiver
        return self.is_idle or (receiver is not None and not receiver._complete)

    def abort(self) -> None:
        """Close at once, without sending what is left."""
        self.transport.abort()

    def _start_stall_timer(self) -> None:
        self._stop_stall_timer()
        self._stalled_bytes = self.transport.get_write_buffer_size()
        later = self.worker.loop.call_later
        self._stall_timer = later(self.cfg.timeout, self._abort_if_stalled)

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _abort_if_stalled(self) -> None:
        if self.transport.get_write_buffer_size() < self._stalled_bytes:
            self._start_stall_timer()  # slow, but it reads
        else:
            self.abort()


def _limit_unsent(connection: Any) -> None:
    if connection.family != socket.AF_UNIX and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)


# The worker takes its protocol from its own module and offers no other way to replace it.
gasgi.ASGIProtocol = Connection


class Worker(gasgi.ASGIWorker):
    """Keeps at most `worker_connections` open, and stops without waiting for idle ones."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connections: dict[Connection, None] = {}
        """In the order in which they were opened."""

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """`threads` has no meaning here: WEB_THREADS is the number of threads."""

    def admit(self, connection: Connection) -> None:
        """Add a connection. If there are too many, close the oldest without a complete request.

        So clients that never complete one cannot shut the others out.
        """
        if len(self.connections) >= self.worker_connections:
            waiting = (other for other in self.connections if other.is_receiving)
            oldest = next(waiting, connection)
            oldest.abort()
            self.connections.pop(oldest, None)
            if oldest is connection:
                return
        self.connections[connection] = None

    async def _shutdown(self) -> None:
        for connection in list(self.connections):
            if connection.is_idle:
                connection.transport.close()
        await super()._shutdown()
