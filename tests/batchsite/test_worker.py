"""Time limits and the limit on connections, with real sockets and an application of three lines."""

import asyncio
import os
import socket
import threading
from concurrent.futures import Future
from contextlib import closing, contextmanager

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers import gasgi

from batchsite.server.worker import Worker
from tests.support.waiting import wait_until

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
BODY = b"x" * 2**20


async def application(scope, receive, send):
    """Answers 20 MB, in pieces, after it has received the body."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(20):
        await send({"type": "http.response.body", "body": BODY, "more_body": True})
    await send({"type": "http.response.body"})


@contextmanager
def serving(**values):
    """A worker that serves in a thread; its address and itself."""
    config = Config()
    for name, value in values.items():
        config.set(name, value)
    worker = Worker(0, os.getppid(), [], None, config.timeout, config, Logger(config))
    started: Future = Future()

    async def serve():
        worker.loop, worker.asgi, stop = asyncio.get_running_loop(), application, asyncio.Event()
        server = await worker.loop.create_server(lambda: gasgi.ASGIProtocol(worker), "127.0.0.1", 0)
        started.set_result((server.sockets[0].getsockname(), stop))
        await stop.wait()
        server.close()
        await worker._shutdown()
        for connection in list(worker.connections):
            connection.abort()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    address, stop = started.result(timeout=10)
    try:
        yield address, worker
    finally:
        if thread.is_alive():
            worker.loop.call_soon_threadsafe(stop.set)
        thread.join()
        worker.tmp.close()


def opened(address, data=b"", timeout=10):
    client = socket.socket()
    client.settimeout(timeout)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(address)
    client.sendall(data)
    return closing(client)


def is_closed(client):
    """Wait until the server has closed the connection."""
    try:
        while client.recv(2**16):
            pass
    except ConnectionError:
        pass
    return True


@pytest.mark.parametrize("data", [b"", HEAD], ids=["nothing", "half a head"])
def test_connection_without_a_complete_head_is_closed_after_a_while(data):
    with serving(timeout=1) as (address, _), opened(address, data) as client:
        assert is_closed(client)


def test_connection_whose_client_reads_nothing_is_closed_after_a_while():
    with serving(timeout=1) as (address, worker), opened(address, HEAD + b"\r\n"):
        wait_until(lambda: worker.connections)
        wait_until(lambda: not worker.connections)


def test_slow_reader_gets_everything():
    with serving(timeout=1) as (address, _), opened(address, HEAD + b"\r\n") as client:
        received = 0
        while piece := client.recv(2**18):
            received += len(piece)
            if piece.endswith(b"0\r\n\r\n"):
                break
        assert received > 20 * len(BODY)


def test_oldest_unfinished_request_makes_room_when_there_are_too_many_connections():
    with (
        serving(worker_connections=3) as (address, worker),
        opened(address, HEAD + b"\r\n") as reading,
        opened(address, HEAD) as oldest,
        opened(address, HEAD) as other,
    ):
        wait_until(lambda: len(worker.connections) == 3)
        with opened(address, HEAD + b"\r\n") as newest:
            assert newest.recv(12) == b"HTTP/1.1 200"
            assert is_closed(oldest)
            assert reading.recv(12) == b"HTTP/1.1 200"
        other.sendall(b"\r\n")
        assert other.recv(12) == b"HTTP/1.1 200"


def test_connection_is_refused_when_all_others_are_busy():
    with (
        serving(worker_connections=1) as (address, worker),
        opened(address, HEAD + b"\r\n") as reading,
    ):
        assert reading.recv(12) == b"HTTP/1.1 200"
        with opened(address, HEAD + b"\r\n") as refused:
            assert is_closed(refused)
        assert len(worker.connections) == 1


def test_stop_does_not_wait_for_idle_connections():
    with (
        serving(graceful_timeout=60, keepalive=60) as (address, worker),
        opened(address, HEAD + b"\r\n") as idle,
    ):
        while not idle.recv(2**18).endswith(b"0\r\n\r\n"):
            pass
        wait_until(lambda: all(each.is_idle for each in worker.connections))
        stopping = asyncio.run_coroutine_threadsafe(worker._shutdown(), worker.loop)
        stopping.result(timeout=20)
        assert is_closed(idle)
