"""Old jobs are deleted beside a running cluster, and by one."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from jobs.cluster.schedules import PRUNE
from jobs.models import Job, JobItem
from tests.commands.calling import run
from tests.support import factories
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def site(module_site_factory):
    found = module_site_factory("sqlite", workers=2, JOBS_RETENTION_DAYS="30")
    found.start_cluster()
    return found


def finished_long_ago(**numbers):
    job = factories.make_job("completed", operation="act", **numbers)
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=40))
    return job


@pytest.mark.slow(10)
def test_a_cluster_deletes_the_rows_of_a_large_deleted_job_beside_a_running_one(site):
    running = site.start_job("act", count=200, seconds=0.01, hold=150)
    site.wait_for(running, processed=1)
    large = factories.make_job("completed", succeeded=12_000, operation="act")
    assert run("deletejob", str(large.pk))[1:] == ("", 0)
    assert "Job not found" in run("showjob", str(large.pk))[1]
    wait_until(lambda: not JobItem.objects.filter(job=large).exists(), seconds=60)
    wait_until(lambda: not Job.deleted.exists())
    site.let_go(running)
    assert site.wait_for_end(running)["progress"]["succeeded"] == 200


@pytest.mark.slow(10)
def test_prunejobs_and_the_schedule_of_a_cluster_leave_a_running_job_alone(site):
    running = site.start_job("act", count=200, seconds=0.01, script={"0": "wait"})
    site.wait_for(running, processed=1)
    by_hand = finished_long_ago(succeeded=12_000)
    assert run("prunejobs", "--older-than", "30", "--json") == ('{\n  "deleted": 1\n}\n', "", 0)
    assert not Job.objects.filter(pk=by_hand.pk).exists()
    assert Job.objects.get(pk=running.pk).status == "processing"
    site.wait_for(running, processed=199)

    by_clock = finished_long_ago(succeeded=3)
    Schedule.objects.filter(name=PRUNE).update(next_run=timezone.now() - timedelta(minutes=1))
    wait_until(
        lambda: not JobItem.objects.filter(job=by_clock.pk).exists(),
        seconds=90,
        what="the schedule deletes the old job, and a sweep its rows",
    )
    assert Schedule.objects.get(name=PRUNE).next_run > timezone.now()
    site.let_go(running)
    assert site.wait_for_end(running)["progress"]["succeeded"] == 200
