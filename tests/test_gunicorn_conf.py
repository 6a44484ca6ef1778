"""How the site is served."""

import subprocess
import sys
from uuid import UUID

import pytest

from jobs.progress.finished_items import CURSOR_LENGTH
from tests.support.http import Client
from tests.support.waiting import wait_until

LOOK = """
import gc, sys
from batchsite import gunicorn_conf, wsgi
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
