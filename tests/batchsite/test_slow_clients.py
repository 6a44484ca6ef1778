"""Clients that stall, against the real web server: nobody else notices them."""

import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import psutil
import pytest

from jobs.models import JobItem
from tests.support import factories
from tests.support.http import Client
from tests.support.waiting import wait_until

CLIENTS = 200
MB = 2**20
HOST = b"Host: localhost\r\n"

HALF_SENT = {
    "nothing": b"",
    "half a head": b"GET /health HTTP/1.1\r\n" + HOST,
    "half a body": (
        b"POST /api/jobs HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
        b'Content-Length: 1000\r\n\r\n{"operation": '
    ),
    "a body without end": (
        b"POST /api/jobs HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"
    ),
}


@pytest.fixture(scope="module")
def site(module_site_factory):
    return module_site_factory("sqlite")


@pytest.fixture(scope="module")
def address(site):
    return site.start_web()


@pytest.fixture(scope="module")
def large_job(site):
    """Its CSV has 6 MB, more than the buffers of the operating system take."""
    job = factories.make_job("completed", succeeded=3_000)
    JobItem.objects.filter(job=job).update(message="x" * 2_000)
    return job


@pytest.fixture
def connect(address):
    """`connect(data)`: a new connection that has sent this, closed at the end of the test."""
    with ExitStack() as exits:

        def connect(data):
            place = urlsplit(address)
            client = socket.socket()
            exits.callback(client.close)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect((place.hostname, place.port))
            client.sendall(data)
            return client

        yield connect


def check_site_is_usable(site, address):
    """Health and a cancel each answer within a second."""
    job = factories.make_waiting_job(3)
    client = Client(address)
    for call in (lambda: client.get("/health"), lambda: client.post(f"/api/jobs/{job.pk}/cancel")):
        began = time.monotonic()
        answer = call()
        assert time.monotonic() - began < 1
        assert answer.status in (200, 503)  # no cluster runs, so the site is not healthy
    assert site.status(job)["status"] == "cancelled"


def memory(site):
    family = [psutil.Process(site.web.pid), *psutil.Process(site.web.pid).children(recursive=True)]
    return sum(process.memory_info().rss for process in family)


@pytest.mark.parametrize("data", HALF_SENT.values(), ids=HALF_SENT)
def test_half_sent_requests_keep_nobody_waiting(site, address, connect, data):
    Client(address).get("/health")
    before = memory(site)
    for _ in range(CLIENTS):
        connect(data)
    check_site_is_usable(site, address)
    assert memory(site) - before < 30 * MB


def test_downloads_whose_clients_do_not_read_keep_nobody_waiting(site, address, connect, large_job):
    get = f"GET /api/jobs/{large_job.pk}/items.csv HTTP/1.1\r\n".encode() + HOST + b"\r\n"
    clients = [connect(get) for _ in range(CLIENTS)]
    for client in clients:
        client.settimeout(60)
        assert client.recv(12) == b"HTTP/1.1 200"
    check_site_is_usable(site, address)


def test_download_of_a_client_that_reads_late_is_complete(address, connect, large_job):
    get = f"GET /api/jobs/{large_job.pk}/items.csv HTTP/1.0\r\n".encode() + HOST + b"\r\n"
    client = connect(get)
    assert Client(address).get("/api/jobs/active").status == 200
    received = b"".join(iter(lambda: client.recv(MB), b""))
    assert received.count(b"\r\n") > 3_000
    assert received.endswith(b"\r\n")


def test_client_that_closes_its_sending_side_still_gets_its_response(connect):
    client = connect(b"GET /api/jobs/active HTTP/1.1\r\n" + HOST + b"\r\n")
    client.shutdown(socket.SHUT_WR)
    assert client.recv(12) == b"HTTP/1.1 200"


def test_abandoned_download_is_not_produced_to_its_end(site, address, connect, large_job):
    get = f"GET /api/jobs/{large_job.pk}/items.csv HTTP/1.1\r\n".encode() + HOST + b"\r\n"
    client = connect(get)
    client.recv(12)
    client.close()
    workers = psutil.Process(site.web.pid).children()
    wait_until(lambda: not any(open_connections(process) for process in workers))


def open_connections(process):
    return [found for found in process.net_connections("tcp") if found.status == "ESTABLISHED"]


def test_downloads_that_all_begin_at_once_keep_nobody_waiting(site, address, connect, large_job):
    get = f"GET /api/jobs/{large_job.pk}/items.csv HTTP/1.1\r\n".encode() + HOST + b"\r\n"
    for _ in range(CLIENTS):
        connect(get)
    check_site_is_usable(site, address)
