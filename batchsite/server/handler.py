"""Serves Django's ordinary views over ASGI without a thread for each client.

Django's own ASGI handler starts a thread with new database connections for each request and
collects a streamed response in memory. Here a request is received by the event loop, as a whole
and within limits, before one of a few threads runs its view. A response is sent by the event loop
too, and a streamed one is produced piece by piece as its client reads.
"""

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import HttpResponse, HttpResponseBase
from django.urls import set_script_prefix
from django.utils.encoding import repercent_broken_unicode

from batchsite.server.bodies import Bodies, Body
from batchsite.server.refusals import Disconnected, Refused
from batchsite.server.streams import Stream, Streams

URGENT_THREADS = 2
"""Threads for `/health` and for what people do to jobs, which must not wait behind downloads."""

_CONTROLS = ("/cancel", "/cancel-all", "/pause")

LARGE_BYTES = 1024 * 1024
"""The views of longer bodies run one after the other: parsed JSON takes many times its length."""

Answer = tuple[HttpResponseBase, Stream | None]


class Handler(ASGIHandler):
    """An ASGI application. Threads and limits are those of this process."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware()  # the chain of ordinary functions, where Django's own is async
        self._threads = ThreadPoolExecutor(settings.WEB_THREADS, "view")
        self._urgent = ThreadPoolExecutor(URGENT_THREADS, "urgent-view")
        self._one_large = asyncio.Semaphore(1)
        self._bodies = Bodies(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        self._streams = Streams()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        if scope["type"] != "http":
            raise ValueError(f"The site speaks HTTP, not {scope['type']}.")
        body = Body(self._bodies)
        try:
            await body.receive(scope, receive)
            await self._answer(scope, body, receive, send)
        except Refused as refused:
            await self.send_response(refused.response, send)
            await body.discard(receive)
        except Disconnected:
            pass
        finally:
            body.close()

    async def _answer(self, scope: Any, body: Body, receive: Any, send: Any) -> None:
        if body.length > LARGE_BYTES:
            async with self._one_large:
                response, stream = await self._run_view(self._respond_and_collect, scope, body)
        else:
            response, stream = await self._run_view(self._respond, scope, body)
        if stream is None:
            await self.send_response(response, send)
            return
        gone = asyncio.ensure_future(receive())  # the next message is the end of the connection
        try:
            with self._streams.opened() as progress:
                response.streaming_content = self._streams.pieces(stream, gone, progress)
                await self.send_response(response, send)
        finally:
            gone.cancel()
            self._streams.close(stream)

    async def _run_view(
        self, respond: Callable[..., Answer], scope: Any, body: Body
    ) -> tuple[Any, Stream | None]:
        loop = asyncio.get_running_loop()
        threads = self._urgent if _is_urgent(scope) else self._threads
        running = loop.run_in_executor(threads, respond, scope, body.file)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # A view cannot be interrupted. What it has opened is closed when it ends.
            running.add_done_callback(self._close_unsent)
            raise

    def _respond_and_collect(self, scope: Any, file: IO[bytes]) -> Answer:
        """Also free what was parsed, which requests and errors keep alive in cycles."""
        response, stream = self._respond(scope, file)
        if stream is None:
            response = _without_request(response)
        gc.collect()
        return response, stream

    def _respond(self, scope: Any, file: IO[bytes]) -> Answer:
        """Run the view in this thread. A response that is complete is closed here as well."""
        scope = _with_exact_path(scope)
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, file)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = self.__class__
        stream = None
        try:
            if response.streaming:
                stream = Stream(response, head_only=scope["method"] == "HEAD")
        finally:
            if stream is None or stream.is_complete:
                response.close()
        return response, stream

    def _close_unsent(self, running: "asyncio.Future[Answer]") -> None:
        if not running.cancelled() and not running.exception() and (stream := running.result()[1]):
            self._streams.close(stream)


def _is_urgent(scope: Any) -> bool:
    """Return True for calls that are short, and that matter most while the site is busy."""
    path = scope["path"]
    return bool(path == "/health" or (scope["method"] == "POST" and path.endswith(_CONTROLS)))


def _with_exact_path(scope: Any) -> Any:
    """Keep bytes of the path that are not UTF-8 as %XX, as Django does elsewhere."""
    if "\ufffd" not in scope["path"] or not scope.get("raw_path"):
        return scope
    path = repercent_broken_unicode(unquote_to_bytes(scope["raw_path"])).decode()
    return {**scope, "path": path}


def _without_request(response: Any) -> HttpResponse:
    bare = HttpResponse(response.content, status=response.status_code)
    bare.headers = response.headers
    bare.cookies = response.cookies
    return bare
