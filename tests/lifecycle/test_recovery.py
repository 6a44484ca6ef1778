"""Recovery: which workers a sweep finds dead, and what happens to their items."""

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from jobs.lifecycle.recovery import StallDetector, kill_process, rescue_lease, sweep
from jobs.models import Job, JobEvent, Lease, LibraryFile, Outcome
from jobs.processes import identity
from jobs.processes.identity import ProcessIdentity
from tests.support.factories import delete_jobs, make_files, make_items, make_lease
from tests.support.processes import is_alive
from tests.support.worker import ELSEWHERE, FakeWorker, stalled_start

pytestmark = pytest.mark.usefixtures("module_database")

ME = identity.current()
GONE = ProcessIdentity(ME.machine, ME.pid, ME.started - 1)
"""A process that had the pid of this one before."""


@pytest.fixture
def job():
    """Three items, all claimed with the token 77."""
    made = Job.objects.create(
        operation="act", label="Act", status="processing", prepared=True, total_items=3
    )
    make_items(made, *make_files("0", "1", "2"), lease_token=77)
    yield made
    delete_jobs(made)
    LibraryFile.objects.all().delete()


def hold(job, *, worker=ELSEWHERE, executor=ELSEWHERE):
    """A lease that has claimed all three items: the first has succeeded in its batch, which is
    recorded in the row, and the second is running."""
    return make_lease(
        job,
        token=77,
        machine=worker.machine,
        worker_pid=worker.pid,
        worker_started=worker.started,
        executor_pid=executor.pid,
        executor_started=executor.started,
        current_item=job.items.get(position=1).pk,
        first_position=0,
        last_position=2,
        succeeded=4,
        sequence=4,
        batch_succeeded=1,
    )


def rows(job):
    return list(job.items.order_by("position").values_list("status", "attempts", "lease_token"))


def test_a_rescue_charges_an_attempt_to_the_running_item_and_releases_all(job):
    lease = hold(job)
    released = rescue_lease(lease, reason="it died")
    assert (released.item.key, released.failed, released.items) == ("1", False, 3)
    assert rows(job) == [("pending", 0, None), ("pending", 1, None), ("pending", 0, None)]
    lease.refresh_from_db()
    assert (lease.token, lease.current_item, lease.batch_succeeded) == (None, None, 0)
    assert (lease.succeeded, lease.failed, lease.sequence) == (4, 0, 4)
    event = JobEvent.objects.get(job=job)
    assert (event.kind, event.source) == ("item_given_back", "engine")
    assert event.message == "1 was given back: it died"
    assert rescue_lease(Lease(pk=lease.pk, token=77, job=job), reason="again") is None


def test_a_rescue_without_blame_charges_no_attempt(job):
    rescue_lease(hold(job), reason="the cluster was stopped", count_attempt=False)
    assert rows(job) == [("pending", 0, None)] * 3


def test_the_last_attempt_fails_the_item_and_its_file(job):
    job.items.filter(position=1).update(attempts=2)
    lease = hold(job)
    assert rescue_lease(lease, reason="it died").failed
    item = job.items.get(position=1)
    assert (item.status, item.attempts, item.lease_token) == ("failed", 3, None)
    assert item.message == "The worker died while processing this file (3 tries): it died"
    assert (item.slot, item.sequence) == (1, 5)
    lease.refresh_from_db()
    assert (lease.failed, lease.sequence) == (1, 5)
    outcome = Outcome.objects.get(file=item.file_id, operation=job.operation)
    assert (outcome.status, outcome.message, outcome.job_id) == ("failed", item.message, job.pk)
    assert JobEvent.objects.get(job=job).kind == "item_failed"


def test_a_given_failure_fails_the_item_at_its_first_attempt(job):
    rescue_lease(hold(job), reason="too slow", failure="It took too long")
    item = job.items.get(position=1)
    assert (item.status, item.attempts, item.message) == ("failed", 1, "It took too long")


def test_an_item_never_fails_where_its_operation_is_unknown(job):
    Job.objects.filter(pk=job.pk).update(operation="no-such-operation")
    job.items.filter(position=1).update(attempts=7)
    lease = Lease.objects.select_related("job").get(pk=hold(job).pk)
    released = rescue_lease(lease, reason="it died")
    assert (released.failed, released.item.attempts) == (False, 8)
    assert rows(job)[1] == ("pending", 8, None)


def test_only_one_of_several_concurrent_rescues_releases_the_lease(job):
    lease = hold(job)
    barrier = threading.Barrier(6)

    def rescue(_):
        barrier.wait(30)
        try:
            return rescue_lease(lease, reason="it died") is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(rescue, range(6)))
    assert sum(won) == 1
    assert job.items.get(position=1).attempts == 1
    assert JobEvent.objects.filter(job=job).count() == 1


@pytest.fixture
def process():
    found = subprocess.Popen(["sleep", "600"])
    yield found
    found.kill()
    found.wait()


def test_a_sweep_kills_the_executor_of_a_dead_worker_and_rescues_its_lease(job, process):
    hold(job, worker=GONE, executor=identity.current(process.pid))
    assert sweep(StallDetector()) == 1
    assert not is_alive(process.pid)
    assert rows(job)[1] == ("pending", 1, None)


@pytest.mark.parametrize("machine", [ME.machine, "elsewhere"])
def test_a_sweep_leaves_live_and_remote_workers_alone(job, process, machine):
    worker = ProcessIdentity(machine, ME.pid, ME.started)
    hold(job, worker=worker, executor=identity.current(process.pid))
    assert sweep(StallDetector()) == 0
    assert is_alive(process.pid)
    assert rows(job)[1] == ("pending", 0, 77)


def test_a_sweep_that_cannot_stop_the_job_rescues_nothing_and_does_not_wait(job):
    job.items.update(lease_token=None, attempts=2)
    job.failure_limit = 0
    job.save()
    stalled, dead = FakeWorker(job), FakeWorker(job, GONE)
    stalled.finish_and_claim(size=2)
    dead.start()
    with stalled_start(stalled.store):
        assert sweep(StallDetector()) == 0
        assert not connection.in_atomic_block
        job.refresh_from_db()
        assert job.status == "processing"
        assert job.items.filter(lease_token=dead.lease.holder).exists()
    assert sweep(StallDetector()) == 1
    job.refresh_from_db()
    assert job.status == "failed"


def test_a_sweep_completes_a_job_whose_last_worker_died_before_it_could(job):
    job.items.update(status="succeeded", lease_token=None)
    assert sweep(StallDetector()) == 0
    job.refresh_from_db()
    assert job.status == "completed"


def test_a_process_that_reuses_a_pid_and_one_of_another_machine_are_not_killed(process):
    found = identity.current(process.pid)
    kill_process(ProcessIdentity(found.machine, found.pid, found.started - 1))
    kill_process(ProcessIdentity("elsewhere", found.pid, found.started))
    assert is_alive(process.pid)
    kill_process(found)
    assert found.is_dead
