"""The Workers page: which clusters live, what each worker does and what looks wrong."""

import re
import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.admin.workers import WorkerRow, worker_overview
from jobs.cluster.registry import PRESENCE_SECONDS
from jobs.conf import conf
from jobs.models import Cluster, Lease
from tests.admin.people import superuser
from tests.support import factories

pytestmark = pytest.mark.django_db


def cluster(number=1, *workers, silent=0.0, status="Idle"):
    """A cluster on a machine of its own that was last seen this many seconds ago."""
    now = timezone.now()
    return Cluster.objects.create(
        id=UUID(int=number),
        host=f"host-{number}",
        machine=f"machine-{number}",
        pid=100 * number,
        worker_pids=list(workers),
        size=len(workers),
        status=status,
        started_at=now - timedelta(hours=2),
        seen_at=now - timedelta(seconds=silent),
    )


def hold(lease, home, pid, *, silent=0.0, since=0.0, **fields):
    """Let the worker with this pid hold the lease and run an item for `since` seconds."""
    Lease.objects.filter(pk=lease.pk).update(
        host=home.host,
        machine=home.machine,
        worker_pid=pid,
        heartbeat_at=timezone.now() - timedelta(seconds=silent),
        current_since=time.time() - since,
        **fields,
    )


def workers():
    """The rows of the workers by pid."""
    return {row.pid: row for row in worker_overview()["workers"]}


def test_a_busy_worker_is_shown_with_its_job_and_item_and_an_idle_one_without():
    job = factories.make_job("processing", running=1, left=5, label="Slow work")
    hold(job.leases.get(), cluster(1, 11, 12), 11, since=80, rate=2.5)
    found = workers()
    assert re.fullmatch(r"1 min 2\d s", found[11].duration)
    assert found[11] == WorkerRow(
        "host-1", 11, job, "file-000000.txt", found[11].duration, "2.5/s", ""
    )
    assert found[12] == WorkerRow("host-1", 12)


def test_a_worker_that_prepares_a_job_is_shown_with_its_time():
    job = factories.make_job("queued", left=5)
    type(job).objects.update(prepared=False)
    lease = job.leases.get()
    acquired_at = timezone.now() - timedelta(minutes=3)
    hold(lease, cluster(1, 11), 11, token=1, acquired_at=acquired_at)
    Lease.objects.update(current_since=None)
    found = workers()[11]
    assert found.item == "preparing the job"
    assert re.fullmatch(r"3 min \d s", found.duration)


def test_a_worker_without_heartbeat_beyond_its_lease_is_reported():
    job = factories.make_job("processing", running=2, left=5)
    home = cluster(1, 11, 12)
    limit = conf.LEASE_SECONDS
    first, second = job.leases.order_by("slot")
    hold(first, home, 11, silent=limit - 5)
    hold(second, home, 12, silent=limit + 5)
    found = workers()
    assert found[11].trouble == ""
    assert re.fullmatch(r"No heartbeat for \d\d s: its items will be released", found[12].trouble)


def test_a_worker_whose_cluster_is_gone_or_stopping_is_reported():
    job = factories.make_job("processing", running=3, left=5)
    alive, lost = cluster(1, 11), cluster(2, 21, silent=PRESENCE_SECONDS + 5)
    stopping = cluster(3, 31, status="Stopping")
    leases = job.leases.order_by("slot")
    for lease, home, pid in zip(leases, (alive, lost, stopping), (11, 21, 31), strict=True):
        hold(lease, home, pid)
    found = {pid: row.trouble for pid, row in workers().items()}
    sentence = "Its cluster has stopped or does not answer"
    assert found == {11: "", 21: sentence, 31: sentence}


@pytest.mark.parametrize(("since", "reported"), [(40, True), (15, False)])
def test_a_worker_whose_item_takes_unusually_long_is_reported(since, reported):
    job = factories.make_job("processing", running=1, left=5)
    hold(job.leases.get(), cluster(1, 11), 11, since=since, item_seconds=2)
    sentence = "Takes long: 2 s is usual for this job"
    assert workers()[11].trouble == (sentence if reported else "")


def test_a_worker_that_finishes_its_last_item_is_reported():
    job = factories.make_job("cancelled", running=1, left=5)
    hold(job.leases.get(), cluster(1, 11), 11, fenced=True)
    sentence = "Finishing its last item: the job was cancelled or paused"
    assert workers()[11].trouble == sentence


def test_the_page_shows_clusters_of_the_last_day_and_workers_of_live_ones():
    job = factories.make_job("processing", running=1, left=5, label="Slow <work>")
    hold(job.leases.get(), cluster(1, 11, 12), 11)
    cluster(2, 21, silent=300)
    cluster(3, 31, silent=90_000)
    text = superuser().get(reverse("admin:jobs_cluster_changelist")).content.decode()
    tables = text.partition('id="workers"')[2]
    cells = [re.sub("<[^>]+>", "", cell) for cell in re.findall("<td[^>]*>(.*?)</td>", tables)]
    assert cells[:5] == ["host-1", "11", "Busy", "Slow &lt;work&gt;", "file-000000.txt"]
    assert cells[8:16] == ["host-1", "12", "Idle", "", "", "", "", ""]
    assert cells[16:21] == ["host-1", "100", "Alive", "1 of 2 busy", "2 h 0 min ago"]
    assert cells[22:27] == ["host-2", "200", "Gone", "1", "2 h 0 min ago"]
    assert re.fullmatch(r"5 min \d+ s ago", cells[27])
    assert "host-3" not in text


@pytest.mark.parametrize(
    ("alive", "waiting", "running", "trouble"),
    [
        (False, False, 0, "No cluster is running: nothing is processed until one is started."),
        (
            True,
            True,
            0,
            "Jobs are waiting but no worker picks them up. Restart the cluster if this lasts.",
        ),
        (True, True, 1, ""),
        (True, False, 0, ""),
    ],
)
def test_the_reason_why_nothing_is_processed_is_reported(alive, waiting, running, trouble):
    if alive:
        cluster(1, 11)
    if waiting:
        factories.make_job("processing", left=5, running=running)
    assert worker_overview()["trouble"] == trouble
