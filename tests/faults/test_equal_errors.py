"""Items that crash or hang one after the other pause their job as equal errors do."""

import pytest

from jobs import services
from jobs.models import JobEvent
from tests.support.invariants import check_totals
from tests.support.waiting import wait_until

ME = services.Actor()
DIED = "The worker died while processing this file (1 try): it exited with code 7"
SLOW = "Took longer than 1 seconds, the limit of this operation, and was stopped"


def all_of_them(behaviour, count=60):
    return {"count": count, "script": {str(number): behaviour for number in range(count)}}


@pytest.fixture
def site(site_factory):
    return site_factory("sqlite", workers=2)


def test_job_with_dying_workers_fails_at_its_failure_limit(site):
    site.start_cluster()
    job = services.start_job("act-once", parameters=all_of_them("exit_at_once"), failure_limit=3)
    found = site.wait_for_end(job)
    assert found["status"] == "failed"
    assert 4 <= found["progress"]["failed"] <= 5
    assert found["error"].endswith(" failures: the limit of this job is 3.")
    check_totals(site, job)


def test_job_with_dying_workers_is_paused_and_paused_again_after_a_resume(site):
    site.start_cluster(JOBS_MAX_EQUAL_ERRORS="5")
    job = site.start_job("act-once", **all_of_them("exit_at_once"))
    failed = 0
    for pauses in (1, 2):
        site.wait_for(job, status="paused")
        wait_until(lambda: not job.leases.held().exists(), what="the workers have left")
        found = site.status(job)
        assert found["notice"] == f"Paused after 5 equal errors: {DIED}"
        assert 5 <= found["progress"]["failed"] - failed <= 6
        failed = found["progress"]["failed"]
        events = JobEvent.objects.filter(job=job, kind="pause").values_list("source", "message")
        assert list(events) == [("engine", found["notice"])] * pauses
        services.resume_job(job.pk, actor=ME)
    site.wait_for(job, status="paused")
    check_totals(site, job)


def test_job_whose_items_all_exceed_their_time_limit_is_paused(site):
    site.start_cluster(JOBS_MAX_EQUAL_ERRORS="3")
    job = site.start_job("act-quickly", **all_of_them("hang"))
    found = site.wait_for(job, status="paused")
    assert found["notice"] == f"Paused after 3 equal errors: {SLOW}"
    assert found["progress"]["failed"] <= 4


def test_equal_errors_over_several_tasks_pause_the_job(site):
    site.start_cluster(workers=1, JOBS_TASK_SECONDS="1")
    job = site.start_job(**all_of_them("disk_full"), seconds=0.1)
    found = site.wait_for(job, status="paused")
    assert found["progress"]["failed"] == 20
