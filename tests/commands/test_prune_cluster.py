"""Old jobs are deleted beside a running cluster, and by one."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from jobs.models import Job, JobItem
from jobs.schedules import PRUNE
from tests.support import rows
from tests.support.waiting import wait_until


@pytest.fixture
def site(site_factory):
    found = site_factory("sqlite", workers=2, JOBS_KEEP_DAYS="30")
    found.start_cluster()
    return found


def long_ago(job):
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=40))
    return job


@pytest.mark.slow(10)
def test_the_rows_of_a_large_deleted_job_go_beside_a_running_one(site):
    running = site.start_job("act", count=200, seconds=0.01, hold=150)
    site.wait_for(running, processed=1)
    large = rows.job("completed", succeeded=12_000, operation="act")
    done = site.run("deletejob", str(large.pk))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Job not found" in site.run("showjob", str(large.pk)).stderr
    wait_until(lambda: not JobItem.objects.filter(job=large).exists(), seconds=60)
    wait_until(lambda: not Job.deleted.exists())
    site.let_go(running)
    assert site.wait_for_end(running)["progress"]["succeeded"] == 200


@pytest.mark.slow(10)
def test_a_running_job_is_neither_held_up_nor_deleted_and_a_cluster_prunes_by_the_clock(site):
    script = {"0": "wait"}
    running = site.start_job("act", count=200, seconds=0.01, script=script)
    site.wait_for(running, processed=1)
    by_hand = long_ago(rows.job("completed", succeeded=12_000, operation="act"))
    done = site.run("prunejobs", "--older-than", "0", "--json")
    assert (done.stdout, done.stderr, done.returncode) == ('{\n  "deleted": 1\n}\n', "", 0)
    assert not Job.objects.filter(pk=by_hand.pk).exists()
    assert Job.objects.get(pk=running.pk).status == "processing"
    site.wait_for(running, processed=199)

    by_clock = long_ago(rows.job("completed", succeeded=3, operation="act"))
    Schedule.objects.filter(name=PRUNE).update(next_run=timezone.now() - timedelta(minutes=1))
    wait_until(
        lambda: not JobItem.objects.filter(job=by_clock.pk).exists(),
        seconds=90,
        what="the schedule deletes the old job, and a sweep its rows",
    )
    assert Schedule.objects.get(name=PRUNE).next_run > timezone.now()
    site.let_go(running)
    assert site.wait_for_end(running)["progress"]["succeeded"] == 200
