"""The page of workers: who is alive, what each does since when, and what looks wrong."""

import re
import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs import conf, operations
from jobs.clusters import SEEN_SECONDS
from jobs.models import Cluster, Lease
from tests.admin import people
from tests.support import rows

NOW = reverse("admin:jobs_cluster_now")
PAGE = reverse("admin:jobs_cluster_changelist")
pytestmark = pytest.mark.django_db


def cluster(number=1, *workers, silent=0.0, status="Idle", host=""):
    """A cluster on a machine of this number, that was last seen so many seconds ago."""
    now = timezone.now()
    return Cluster.objects.create(
        id=UUID(int=number),
        host=host or f"host-{number}",
        machine=f"machine-{number}",
        pid=100 * number,
        worker_pids=list(workers),
        size=len(workers),
        status=status,
        started_at=now - timedelta(hours=2),
        seen_at=now - timedelta(seconds=silent),
    )


def at_work(lease, home, pid, *, silent=0.0, since=0.0, **fields):
    """The worker of this process has held the lease and is running an item for `since` seconds."""
    Lease.objects.filter(pk=lease.pk).update(
        host=home.host,
        machine=home.machine,
        warden_pid=pid,
        beat_at=timezone.now() - timedelta(seconds=silent),
        current_since=time.time() - since,
        **fields,
    )


def workers():
    """The rows of the workers by process."""
    return {row["pid"]: row for row in people.boss().get(NOW).json()["workers"]}


def test_each_worker_is_told_with_its_host_job_item_and_since_when():
    job = rows.job("processing", running=1, left=5, label="Slow work")
    home = cluster(1, 11, 12)
    at_work(job.leases.get(), home, 11, since=80, rate=2.5)
    told = workers()
    assert re.fullmatch(r"1 min 2\d s", told[11]["since"])
    assert told[11] | {"key": "", "since": ""} == {
        "key": "",
        "host": "host-1",
        "pid": 11,
        "state": "busy",
        "job": "Slow work",
        "job_id": str(job.pk),
        "path": "file-000000.txt",
        "since": "",
        "speed": "2.5/s",
        "trouble": "",
    }
    assert (told[12]["state"], told[12]["host"], told[12]["path"]) == ("idle", "host-1", "")


def test_a_worker_is_idle_since_its_last_job_or_since_its_cluster_was_started():
    home = cluster(1, 11, 12)
    for freed_seconds_ago in (65, 600):
        lease = rows.job("completed", succeeded=1).leases.get()
        at_work(lease, home, 12, silent=freed_seconds_ago)
    told = workers()
    assert told[11]["since"] == "2 h 0 min"
    assert re.fullmatch(r"1 min \d+ s", told[12]["since"])


def test_a_worker_that_prepares_a_job_is_told_with_since_when():
    job = rows.job("queued", left=5)
    lease = job.leases.get()
    Lease.objects.filter(pk=lease.pk).update(
        token=1, held_since=timezone.now() - timedelta(minutes=3)
    )
    at_work(lease, cluster(1, 11), 11)
    Lease.objects.filter(pk=lease.pk).update(current_since=None)
    assert re.fullmatch(r"3 min \d s", workers()[11]["since"])


def test_the_page_shows_the_same_as_its_script_is_told():
    job = rows.job("processing", running=1, left=5, label="Slow work")
    at_work(job.leases.get(), cluster(1, 11), 11, silent=65)
    text = people.boss().get(PAGE).content.decode()
    shown = dict(re.findall(r'<t?[ad][^>]* data-field="(\w+)"[^>]*>([^<]+)<', text))
    assert (shown["host"], shown["job"], shown["path"]) == (
        "host-1",
        "Slow work",
        "file-000000.txt",
    )
    assert "No sign of life for 1 min" in text


def test_a_worker_that_was_silent_beyond_its_lease_is_told():
    job = rows.job("processing", running=2, left=5)
    home = cluster(1, 11, 12)
    limit = conf.get("LEASE_SECONDS")
    first, second = job.leases.order_by("number")
    at_work(first, home, 11, silent=limit - 5)
    at_work(second, home, 12, silent=limit + 5)
    told = workers()
    assert told[11]["trouble"] == ""
    assert re.fullmatch(
        r"No sign of life for \d\d s: its items will be given back", told[12]["trouble"]
    )


def test_a_worker_whose_cluster_was_not_seen_is_told():
    job = rows.job("processing", running=3, left=5)
    seen, lost = cluster(1, 11), cluster(2, 21, silent=SEEN_SECONDS + 5)
    stopping = cluster(3, 31, status="Stopping")
    for lease, home, pid in zip(
        job.leases.order_by("number"), (seen, lost, stopping), (11, 21, 31), strict=True
    ):
        at_work(lease, home, pid)
    told = workers()
    assert told[11]["trouble"] == ""
    assert told[21]["trouble"] == "Its cluster has stopped or does not answer"
    assert told[31]["trouble"] == "Its cluster has stopped or does not answer"


def test_a_worker_that_overruns_the_limit_of_its_operation_is_told():
    limit = operations.get("verify").timeout
    job = rows.job("processing", running=2, left=5)
    home = cluster(1, 11, 12)
    first, second = job.leases.order_by("number")
    at_work(first, home, 11, since=limit - 5)
    at_work(second, home, 12, since=limit + 5)
    told = workers()
    assert told[11]["trouble"] == ""
    assert told[12]["trouble"].startswith("Longer than the limit of ")


@pytest.mark.parametrize(
    ("since", "usual", "told"),
    [(40, 2, True), (15, 2, False), (9, 0.01, False), (11, 0.01, True), (40, 0, False)],
)
def test_a_worker_whose_item_takes_unusually_long_is_told(since, usual, told):
    job = rows.job("processing", running=1, left=5)
    at_work(job.leases.get(), cluster(1, 11), 11, since=since, item_seconds=usual)
    trouble = workers()[11]["trouble"]
    assert trouble == (f"Takes long: {usual:.1g} s is usual for this job" if told else "")


def test_a_worker_of_an_operation_that_is_gone_has_no_limit():
    job = rows.job("processing", running=1, left=5, operation="gone")
    at_work(job.leases.get(), cluster(1, 11), 11, since=1e6)
    assert workers()[11]["trouble"] == ""


def test_a_worker_that_ends_its_last_item_is_told():
    job = rows.job("cancelled", running=1, left=5)
    at_work(job.leases.get(), cluster(1, 11), 11, fenced=True)
    assert workers()[11]["trouble"] == "Ends its last item: the job was cancelled or paused"


def test_clusters_are_told_as_alive_or_gone_and_forgotten_after_a_day():
    job = rows.job("processing", running=1, left=5)
    home = cluster(1, 11, 12)
    cluster(2, 21, silent=300)
    cluster(3, 31, silent=90_000)
    at_work(job.leases.get(), home, 11)
    answer = people.boss().get(NOW).json()
    told = {row["host"]: (row["state"], row["workers"]) for row in answer["clusters"]}
    assert told == {"host-1": ("alive", "1 of 2 busy"), "host-2": ("gone", "1")}
    assert {row["pid"] for row in answer["workers"]} == {11, 12}
    seen = {row["host"]: (row["started"], row["seen"]) for row in answer["clusters"]}
    assert seen["host-2"][0] == "2 h 0 min ago"
    assert re.fullmatch(r"5 min \d+ s ago", seen["host-2"][1])


@pytest.mark.parametrize(
    ("alive", "waiting", "running", "trouble"),
    [
        (False, False, 0, "No cluster is alive: nothing is processed until one is started."),
        (True, True, 0, "Work waits and no worker takes it. If this stays, restart the cluster."),
        (True, True, 1, ""),
        (True, False, 0, ""),
    ],
)
def test_that_nothing_is_processed_is_told_above_the_workers(alive, waiting, running, trouble):
    if alive:
        cluster(1, 11)
    if waiting:
        rows.job("processing", left=5, running=running)
    assert people.boss().get(NOW).json()["trouble"] == trouble
