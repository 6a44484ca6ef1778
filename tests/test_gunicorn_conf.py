"""How the site is served."""

import re
import socket
import subprocess
import sys
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from jobs.progress.finished_items import CURSOR_LENGTH
from tests.support.http import Client
from tests.support.stacks import clean_environment
from tests.support.waiting import wait_until

LOOK = """
import gc, sys
from batchsite import gunicorn_conf, asgi
gunicorn_conf.post_worker_init(None)
assert "jobs.admin" in sys.modules
print(gc.get_freeze_count(), *gc.get_threshold())
"""


def test_the_collector_leaves_alone_what_a_server_has_loaded():
    # In a process of its own: it is for good.
    command = [sys.executable, "-c", LOOK]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    frozen, *thresholds = map(int, found.split())
    assert frozen > 1_000
    assert thresholds > [700, 10, 10]


def test_a_cursor_of_the_greatest_length_fits_into_a_request(site_factory):
    address = site_factory("sqlite").start_web()
    cursor = "1" * CURSOR_LENGTH
    answer = Client(address).get(f"/api/jobs/{UUID(int=1)}?after={cursor}")
    assert (answer.status, answer.body) == (404, {"error": "Job not found"})


@pytest.mark.parametrize("wanted", [True, False])
def test_requests_are_logged_where_that_is_wanted(site_factory, wanted):
    site = site_factory("sqlite")
    address = site.start_web(GUNICORN_CMD_ARGS="--access-logfile -" if wanted else "")
    assert Client(address).get("/health").status == 503, "no cluster runs"
    line = '"GET /health HTTP/1.1" 503'
    if wanted:
        wait_until(lambda: line in site.logs())
    assert (line in site.logs()) == wanted


MALFORMED = (
    b"GE\x01T /%d HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /%d HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
    b"GET /%d\x00 HTTP/9.9\r\n\r\n",
    b"GET /%d HTTP/1.1\r\nHost: other.example\r\n\r\n",
    b"POST /login/%d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
    b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nz%d\r\n",
    b"GET /%d HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"\x16\x03\x01%d\r\n\r\n",
)


def test_malformed_requests_write_few_lines_and_those_in_the_usual_form(site_factory):
    site = site_factory("sqlite")
    address = urlsplit(site.start_web(LOG_LINES_PER_SECOND="10"))
    for number in range(400):
        with socket.create_connection((address.hostname, address.port), timeout=30) as client:
            client.sendall(MALFORMED[number % len(MALFORMED)] % number)
            assert client.recv(100)
    lines = site.logs().splitlines()
    assert len(lines) < 200
    assert [line for line in lines if not re.match(r"\d{4}-\d\d-\d\dT\S+Z [A-Z]+ \S+ ", line)] == []


def test_server_without_login_does_not_start_where_others_reach_it(tmp_path):
    command = [sys.executable, "-m", "gunicorn", "-c", "python:batchsite.gunicorn_conf"]
    found = subprocess.run(
        [*command, "--bind", "0.0.0.0:0"],
        env=clean_environment(DATA_DIR=str(tmp_path), DJANGO_DEBUG="true"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 1
    assert (
        "runs without login, so it does not listen on 0.0.0.0. Set LOGIN_REQUIRED" in found.stderr
    )
