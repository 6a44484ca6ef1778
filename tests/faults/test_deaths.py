"""kill -9 of each process of a cluster in the middle of a job: every item is still finished."""

import pytest

from jobs import services
from jobs.models import JobEvent, JobItem, Lease
from tests.support.invariants import check_runs, check_totals
from tests.support.processes import children, is_alive
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(4)

ITEMS = 40


def kill_executor(cluster):
    cluster.kill(wait_until(cluster.executors, what="an executor")[0])


def kill_busy_worker(cluster):
    cluster.kill(cluster.busy_worker())


def kill_all_workers(cluster):
    cluster.kill(*cluster.workers)


def kill_pusher(cluster):
    cluster.kill(cluster.pusher)


def kill_monitor(cluster):
    cluster.kill(cluster.monitor)


BROKER = pytest.mark.broker
SURVIVED = (
    kill_executor,
    kill_busy_worker,
    kill_all_workers,
    pytest.param(kill_pusher, marks=BROKER),
    kill_monitor,
)
"""The cluster works without these, or replaces them."""


def kill_sentinel(cluster):
    cluster.kill(cluster.sentinel)


def kill_main_process(cluster):
    cluster.kill(cluster.main)


def kill_everything(cluster):
    cluster.kill_group()


FATAL = (
    kill_sentinel,
    kill_main_process,
    pytest.param(kill_everything, marks=BROKER),
)
"""The cluster ends with these; another one has to be started."""


def finish(site, job):
    """Wait for the end; nothing was lost, run by two at once, or miscounted."""
    assert site.wait_for_end(job, seconds=60)["status"] == "completed"
    found = check_totals(site, job)
    assert found["progress"]["succeeded"] == ITEMS
    runs = check_runs(site, job)
    assert sum(runs.values()) <= ITEMS + 2, "only what was running is run again"


@pytest.mark.parametrize("death", SURVIVED, ids=lambda death: death.__name__)
def test_job_completes_after_a_death_that_the_cluster_survives(quick_site, death):
    cluster = quick_site.start_cluster()
    job = quick_site.start_job(count=ITEMS, seconds=0.02, hold=ITEMS // 2)
    quick_site.wait_for(job, processed=6)

    death(cluster)

    quick_site.let_go(job)
    finish(quick_site, job)
    cluster.kill_group()


def test_finished_quick_items_are_not_run_again_after_deaths(quick_site):
    """Their results are written in batches; those not written yet survive the executor."""
    cluster = quick_site.start_cluster()
    # The last item is held, so that there is an executor to kill however late. It may be the
    # one that dies each time, and has more tries than that.
    job = quick_site.start_job("act-again", count=3000, hold=2999)
    deaths = 5
    for number in range(1, deaths + 1):
        quick_site.wait_for(job, processed=number * 300)
        kill_executor(cluster)

    quick_site.let_go(job)
    assert quick_site.wait_for_end(job, seconds=60)["status"] == "completed"

    assert check_totals(quick_site, job)["progress"]["succeeded"] == 3000
    again = sum(check_runs(quick_site, job).values()) - 3000
    assert again <= deaths, "only what was running is run again"


@pytest.mark.parametrize("death", FATAL, ids=lambda death: death.__name__)
def test_job_completes_on_another_cluster_after_a_fatal_death(quick_site, death):
    cluster = quick_site.start_cluster()
    job = quick_site.start_job(count=ITEMS, seconds=0.02, hold=ITEMS // 2)
    quick_site.wait_for(job, processed=6)
    family = [cluster.main, cluster.sentinel, *children(cluster.sentinel), *cluster.executors()]

    death(cluster)
    quick_site.let_go(job)

    wait_until(lambda: not any(map(is_alive, family)), seconds=20, what="all of it has ended")
    quick_site.start_cluster()
    finish(quick_site, job)


@pytest.mark.parametrize(
    "death", [kill_sentinel, kill_main_process], ids=lambda death: death.__name__
)
def test_workers_end_with_their_cluster_even_if_their_items_do_not(site_factory, death):
    site = site_factory("sqlite", JOBS_SHUTDOWN_SECONDS="1")
    cluster = site.start_cluster()
    job = site.start_job(count=4, hold=0)
    site.wait_for(job, in_flight=2)
    family = [cluster.main, cluster.sentinel, *children(cluster.sentinel), *cluster.executors()]

    death(cluster)

    wait_until(lambda: not any(map(is_alive, family)), seconds=20, what="all of it has ended")
    assert site.status(job)["progress"]["pending"] == 4, "every started item is released"
    assert set(JobItem.objects.filter(job=job).values_list("attempts", flat=True)) == {0}


def test_death_of_an_executor_is_recorded_in_the_events(quick_site):
    cluster = quick_site.start_cluster()
    job = quick_site.start_job(count=3, script={"1": "wait"})
    quick_site.wait_for(job, processed=2, in_flight=1)

    cluster.kill(Lease.objects.get(job=job, current_item__isnull=False).executor_pid)

    def event():
        return JobEvent.objects.filter(job=job, kind="item_given_back", source="engine").first()

    assert "1 wait was given back" in wait_until(event).message
    quick_site.let_go(job)
    assert quick_site.wait_for_end(job)["progress"]["succeeded"] == 3


def test_children_of_a_killed_worker_end_before_its_item_is_released(quick_site):
    """The kernel ends the executor with its worker, but not the executor's children."""
    cluster = quick_site.start_cluster()
    script = {"count": 1, "script": {"0": "child"}}
    job = services.start_job("act-once", parameters=script, max_workers=1)
    quick_site.wait_for(job, in_flight=1)
    lease = job.leases.get()
    executor = lease.executor_pid
    programs = wait_until(lambda: len(found := children(executor)) == 2 and found)

    cluster.kill(lease.worker_pid)

    wait_until(lambda: not is_alive(executor), what="the kernel has ended the executor")
    wait_until(lambda: JobItem.objects.get(job=job).status != "processing")
    assert not any(map(is_alive, programs))
    assert quick_site.wait_for_end(job)["progress"]["failed"] == 1


@BROKER
def test_site_works_after_idle_workers_died(quick_site):
    """A dead worker may keep the lock of the queue; `runcluster` replaces such a cluster."""
    cluster = quick_site.start_cluster(command="runcluster --stuck-after 3", wait=False)
    wait_until(
        lambda: quick_site.sql("SELECT worker_pids FROM jobs_cluster WHERE status = 'Idle'"),
        seconds=60,
    )
    found = children(cluster.main)
    assert found, "runcluster has started a cluster"
    sentinel = children(found[0])[0]
    for worker in children(sentinel)[:2]:
        cluster.kill(worker)

    job = quick_site.start_job(count=10)

    assert quick_site.wait_for_end(job, seconds=90)["status"] == "completed"
    check_totals(quick_site, job)
