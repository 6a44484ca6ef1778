"""Bodies of requests that are too large or too many, against the real web server."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

MB = 2**20
LISTS = b'{"operation": "verify", "files": [' + b"[]," * (640 * 1024) + b"[]]}"
"""Almost 2 MB; parsed they need more than 40."""


@pytest.fixture(scope="module")
def site(module_site_factory):
    return module_site_factory("sqlite")


@pytest.fixture(scope="module")
def address(site):
    return site.start_web(MAX_BODY_MB="2")


def post(address, body, **headers):
    """Status and JSON of a POST to /api/jobs."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        headers = {"Content-Type": "application/json", **headers}
        connection.request("POST", "/api/jobs", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    "body",
    [b"x" * (2 * MB + 1), iter([b"x" * MB] * 3)],
    ids=["announced", "in chunks"],
)
def test_too_large_body_is_refused_with_a_sentence(address, body):
    status, answer = post(address, body)
    assert status == 413
    assert answer == {"error": "The request is too large: the limit is 2 MB. Send less at once."}


def test_six_large_bodies_at_once_need_the_memory_of_one(site, address):
    assert post(address, b"{}")[0] == 400
    (worker,) = psutil.Process(site.web.pid).children()
    before = peak_memory(worker.pid)
    with ThreadPoolExecutor(6) as clients:
        answers = list(clients.map(lambda _: post(address, LISTS), range(6)))
    assert [status for status, _ in answers] == [400] * 6
    assert peak_memory(worker.pid) - before < 150 * MB


def peak_memory(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
