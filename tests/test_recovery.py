"""Who is taken for dead, and what becomes of what they held."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from jobs import processes, recovery
from jobs.models import Job, JobEvent, JobItem, Lease, LibraryFile
from jobs.recovery import Observer, end_process, return_lease, sweep
from tests.support.processes import is_alive

pytestmark = pytest.mark.usefixtures("module_database")


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch, settings):
    settings.JOBS_LEASE_SECONDS, settings.JOBS_SWEEP_SECONDS = 10.0, 1.0
    found = Clock()
    monkeypatch.setattr(recovery, "monotonic", found)
    return found


def seconds_until_silent(observer, clock, lease, *, beats=False, step=1.0, limit=100):
    """Looks every `step` seconds; how long until the lease was found silent, or None."""
    for look in range(limit):
        lease.beat += beats
        if observer.silent([lease]):
            return look * step
        clock.now += step
    return None


def test_a_holder_is_silent_after_the_lease_has_passed_without_a_beat(clock):
    assert seconds_until_silent(Observer(), clock, Lease(token=5, beat=3)) == 10


def test_who_shows_life_is_never_silent(clock):
    assert seconds_until_silent(Observer(), clock, Lease(token=5), beats=True) is None


def test_a_beat_begins_the_time_anew(clock):
    observer, lease = Observer(), Lease(token=5, beat=3)
    assert seconds_until_silent(observer, clock, lease, limit=9) is None
    lease.beat += 1
    assert seconds_until_silent(observer, clock, lease) == 10


def test_another_holder_of_the_same_place_has_its_own_time(clock):
    observer, lease = Observer(), Lease(token=5)
    assert seconds_until_silent(observer, clock, lease, limit=9) is None
    lease.token = 6
    assert seconds_until_silent(observer, clock, lease) == 10


def test_time_in_which_nobody_looked_counts_little(clock):
    observer, lease = Observer(), Lease(token=5)
    observer.silent([lease])
    clock.now += 3600
    assert observer.silent([lease]) == []
    assert seconds_until_silent(observer, clock, lease) == 8


def test_looking_rarely_takes_longer_and_never_less(clock):
    assert seconds_until_silent(
        Observer(), clock, Lease(token=5), step=0.1, limit=200
    ) == pytest.approx(10)
    assert seconds_until_silent(Observer(), clock, Lease(token=5), step=60) == 5 * 60


@pytest.fixture
def job():
    made = Job.objects.create(
        operation="act", label="Act", status="processing", prepared=True, total_items=3
    )
    for position in range(3):
        file = LibraryFile.objects.create(
            path=f"{made.pk}/{position}", size=0, mtime_ns=0, modified=made.created_at
        )
        JobItem.objects.create(
            job=made, position=position, key=str(position), file_id=file.pk, claim=77
        )
    yield made
    made.delete()


def held(job, *, machine="elsewhere", pid=1, started=1.0, executor=(1, 1.0)):
    """A lease that has claimed all three items and runs the second; the first has ended in
    its group and was counted."""
    return Lease.objects.create(
        job=job,
        number=1,
        token=77,
        machine=machine,
        warden_pid=pid,
        warden_started=started,
        executor_pid=executor[0],
        executor_started=executor[1],
        current_item=job.items.get(position=1).pk,
        first_position=0,
        last_position=2,
        succeeded=4,
        sequence=4,
        group_succeeded=1,
    )


def rows(job):
    return list(job.items.order_by("position").values_list("status", "attempts", "claim"))


def test_the_running_item_has_used_up_a_try_and_all_are_free(job):
    lease = held(job)
    found = return_lease(lease, reason="it died")
    assert (found.item.key, found.failed, found.released) == ("1", False, 3)
    assert rows(job) == [("pending", 0, None), ("pending", 1, None), ("pending", 0, None)]
    lease.refresh_from_db()
    assert (lease.token, lease.current_item, lease.group_succeeded) == (None, None, 0)
    assert (lease.succeeded, lease.failed, lease.sequence) == (4, 0, 4)
    event = JobEvent.objects.get(job=job)
    assert (event.kind, event.source) == ("item_given_back", "engine")
    assert event.message == "1 was given back: it died"
    assert return_lease(Lease(pk=lease.pk, token=77, job=job), reason="again") is None


def test_who_is_not_to_blame_is_not_charged(job):
    return_lease(held(job), reason="the cluster was stopped", charge=False)
    assert rows(job) == [("pending", 0, None)] * 3


def test_the_last_try_fails_the_item_and_its_file(job):
    job.items.filter(position=1).update(attempts=2)
    lease = held(job)
    assert return_lease(lease, reason="it died").failed
    item = job.items.get(position=1)
    assert (item.status, item.attempts, item.claim) == ("failed", 3, None)
    assert item.message == "The worker died while processing this file (3 tries): it died"
    assert (item.lane, item.sequence) == (1, 5)
    lease.refresh_from_db()
    assert (lease.failed, lease.sequence) == (1, 5)
    file = LibraryFile.objects.get(pk=item.file_id)
    assert (file.status, file.message, file.last_job_id) == ("failed", item.message, job.pk)
    assert JobEvent.objects.get(job=job).kind == "item_failed"


def test_a_final_judgement_fails_the_item_at_its_first_try(job):
    return_lease(held(job), reason="too slow", final="It took too long")
    item = job.items.get(position=1)
    assert (item.status, item.attempts, item.message) == ("failed", 1, "It took too long")


def test_an_operation_that_is_gone_has_one_try(job):
    Job.objects.filter(pk=job.pk).update(operation="no-such-operation")
    lease = Lease.objects.select_related("job").get(pk=held(job).pk)
    assert return_lease(lease, reason="it died").failed


def test_only_one_of_several_sweepers_gives_it_back(job):
    lease = held(job)
    barrier = threading.Barrier(6)

    def give_back():
        barrier.wait(30)
        try:
            return return_lease(lease, reason="it died") is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        won = [future.result() for future in [pool.submit(give_back) for _ in range(6)]]
    assert sum(won) == 1
    assert job.items.get(position=1).attempts == 1
    assert JobEvent.objects.filter(job=job).count() == 1


@pytest.fixture
def process():
    found = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield found
    found.kill()
    found.wait()


def test_a_sweep_ends_the_executor_of_a_warden_that_is_gone(job, process):
    me, executor = processes.current(), processes.current(process.pid)
    held(
        job,
        machine=me.machine,
        pid=me.pid,
        started=me.started - 1,  # another process had this pid before
        executor=(executor.pid, executor.started),
    )
    assert sweep(Observer()) == 1
    assert not is_alive(process.pid)
    assert rows(job)[1] == ("pending", 1, None)


@pytest.mark.parametrize("machine", ["", "elsewhere"])
def test_a_sweep_lets_live_and_remote_workers_be(job, process, machine):
    me, executor = processes.current(), processes.current(process.pid)
    held(
        job,
        machine=machine or me.machine,
        pid=me.pid,
        started=me.started,
        executor=(executor.pid, executor.started),
    )
    assert sweep(Observer()) == 0
    assert is_alive(process.pid)
    assert rows(job)[1] == ("pending", 0, 77)


def test_a_sweep_completes_a_job_whose_last_worker_died_just_before_it_could(job):
    job.items.update(status="succeeded", claim=None)
    assert sweep(Observer()) == 0
    job.refresh_from_db()
    assert job.status == "completed"


@pytest.mark.parametrize("status", ["paused", "cancelled", "failed"])
def test_a_sweep_completes_nothing_that_may_not_run(job, status):
    Job.objects.filter(pk=job.pk).update(status=status)
    job.items.update(status="succeeded", claim=None)
    sweep(Observer())
    job.refresh_from_db()
    assert job.status == status


def test_a_process_with_another_start_is_left_alone(process):
    found = processes.current(process.pid)
    end_process(processes.ProcessIdentity(found.machine, found.pid, found.started - 1))
    end_process(processes.ProcessIdentity("elsewhere", found.pid, found.started))
    assert is_alive(process.pid)
    end_process(found)
    assert found.is_gone
