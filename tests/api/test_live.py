"""A job over the real server with a real cluster: what a program sees from start to end."""

import csv
import io
from collections.abc import Callable

import pytest

from tests.support.fixtures import SiteFactory
from tests.support.http import Client
from tests.support.invariants import adds_up
from tests.support.site import Site
from tests.support.waiting import wait_until

FILES = {f"{number:03}.txt": b"x" * number for number in range(60)} | {"059-bad.txt": b"?"}


@pytest.fixture(scope="module")
def site(module_site_factory: SiteFactory) -> Site:
    site = module_site_factory("sqlite", files=FILES)
    site.start_cluster()
    return site


@pytest.fixture(scope="module")
def web(site: Site) -> Client:
    return Client(site.start_web())


def ended(web: Client, path: str) -> Callable[[], bool]:
    def over() -> bool:
        found = web.get(path).body
        return found["status"] in ("completed", "cancelled") and not found["progress"]["in_flight"]

    return over


def test_health_of_a_running_site_is_ok(web: Client):
    found = wait_until(lambda: web.get("/health").body)
    assert found == {"status": "ok", "checks": dict.fromkeys(found["checks"], "ok")}


def test_a_job_from_start_to_end(web: Client):
    order = {"operation": "slow", "parameters": {"seconds": 0.01}, "all": True}
    answer = web.post("/api/jobs", order)
    assert (answer.status, answer.body["total_items"]) == (201, 61)
    path, cursor = f"/api/jobs/{answer.body['job_id']}", ""
    received: list[str] = []
    percents: list[int] = []

    def poll() -> bool:
        nonlocal cursor
        found = web.get(f"{path}?after={cursor}").body
        assert adds_up(found["progress"])
        cursor = found["cursor"]
        received.extend(item["path"] for item in found["items"])
        percents.append(found["progress"]["percent"])
        return found["status"] == "completed" and not found["items"]

    wait_until(poll)
    assert sorted(received) == sorted(FILES)
    assert percents == sorted(percents)
    found = web.get(path).body
    assert (found["status"], found["progress"]["failed"]) == ("completed", 1)
    assert web.get(f"{path}/failures").body["failures"] == [
        {"message": "This file is bad", "count": 1, "example": "059-bad.txt"}
    ]
    rows = list(csv.DictReader(io.StringIO(web.get(f"{path}/items.csv").body, newline="")))
    assert [row["path"] for row in rows] == sorted(FILES)
    assert web.get(f"{path}/items.json").body[1]["result"] == {"bytes": 1}
    assert web.get(f"{path}/events").body["events"][0]["kind"] == "start"


def test_cancel_resume_and_retry(web: Client):
    order = {"operation": "slow", "parameters": {"seconds": 0.05}, "all": True}
    path = f"/api/jobs/{web.post('/api/jobs', order).body['job_id']}"
    wait_until(lambda: web.get(path).body["progress"]["processed"] > 2)
    assert web.post(f"{path}/cancel").body == {"success": True}
    assert web.post(f"{path}/cancel").status == 400
    wait_until(ended(web, path))
    progress = web.get(path).body["progress"]
    assert adds_up(progress)
    assert progress["skipped"] > 0
    assert web.get(f"{path}/items?status=skipped").body["count"] == progress["skipped"]
    assert web.get("/api/jobs/active").body["job"]["id"] in path
    assert web.post(f"{path}/resume").status == 200
    wait_until(ended(web, path))
    assert web.get(path).body["progress"]["processed"] == 61
    assert web.post(f"{path}/retry").status == 200
    wait_until(ended(web, path))
    progress = web.get(path).body["progress"]
    assert (progress["succeeded"], progress["failed"], progress["total"]) == (60, 1, 61)
    assert web.delete(path).status == 200
    assert web.get(path).status == 404
