"""Cancel, pause, resume and retry during outages, by services and by the API."""

import pytest

from jobs import services
from tests.api.caller import Caller
from tests.support.invariants import check_runs, check_totals
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(4)

ME = services.Actor()


def by_services(job, *calls):
    for call in calls:
        if call == "cancel-all":
            assert services.cancel_all(actor=ME) == 1
        else:
            getattr(services, f"{call}_job")(job.pk, actor=ME)


def by_api(job, *calls):
    for call in calls:
        path = "/api/jobs/cancel-all" if call == "cancel-all" else f"/api/jobs/{job.pk}/{call}"
        answer = Caller().post(path)
        assert (answer.status, answer.body["success"]) == (200, True), (call, answer)


ALL = ("pause", "resume", "cancel", "resume", "cancel-all", "resume")


def test_job_is_controlled_while_no_cluster_runs(quick_site):
    job = quick_site.start_job(count=10, script={"0": "error"})
    assert quick_site.status(job)["notice"] == "No worker is running"
    for control in (by_services, by_api):
        control(job, *ALL[:3])
        assert quick_site.status(job)["progress"]["skipped"] == 10
        control(job, *ALL[3:])
    cluster = quick_site.start_cluster()
    assert quick_site.wait_for_end(job)["progress"]["failed"] == 1
    cluster.stop()

    by_api(job, "retry", "cancel")
    assert quick_site.status(job)["progress"]["skipped"] == 1
    by_services(job, "resume")

    quick_site.start_cluster()
    assert quick_site.wait_for_end(job)["status"] == "completed"
    check_totals(quick_site, job)
    runs = check_runs(quick_site, job)
    assert {key for key, times in runs.items() if times != 1} == {"0 error"}
    assert runs["0 error"] == 2


def test_jobs_are_started_run_and_controlled_while_the_broker_is_down(site_factory, servers):
    site = site_factory("postgres+valkey", workers=2)
    servers.valkey.crash()
    try:
        site.start_cluster()
        job = site.start_job(count=10, script={"0": "error"})
        assert site.wait_for_end(job, seconds=60)["status"] == "completed"
        by_api(job, "retry")
        assert site.wait_for_end(job, seconds=60)["progress"]["failed"] == 1
        other = site.start_job(count=60, seconds=0.02, hold=40)
        site.wait_for(other, seconds=60, processed=3)
        by_services(other, *ALL)
        by_api(other, *ALL[:3])
        site.let_go(other)
        assert site.wait_for_end(other)["status"] == "cancelled"
        for one in (job, other):
            check_totals(site, one)
        assert check_runs(site, job)["0 error"] == 2
    finally:
        servers.valkey.start()


@pytest.mark.parametrize("call", ["cancel", "pause"])
def test_job_is_stopped_in_the_middle_of_a_recovery(quick_site, call):
    """A worker is dead and not noticed yet: a cancel still holds."""
    cluster = quick_site.start_cluster()
    job = quick_site.start_job(count=60, seconds=0.02, hold=30)
    quick_site.wait_for(job, processed=5)

    cluster.kill(cluster.busy_worker())
    by_services(job, call)

    def starts():
        return sum(line.what == "start" for line in quick_site.lines(job))

    started = starts()
    quick_site.let_go(job)
    wait_until(lambda: not quick_site.status(job)["progress"]["in_flight"])
    assert starts() == started
    by_api(job, "resume")
    assert quick_site.wait_for_end(job)["progress"]["succeeded"] == 60
    check_totals(quick_site, job)
    assert sum(check_runs(quick_site, job).values()) <= 61
