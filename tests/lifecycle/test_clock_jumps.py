"""The wall clock jumps two hours ahead, and back, while items run."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import services
from jobs.models import Job, Lease
from jobs.operations import Operation
from jobs.processes import clock, identity
from jobs.progress import status_object
from jobs.worker.performer import Performer
from tests.support.worker import FakeWorker

ME = services.Actor()
HOURS = 2 * 60 * 60.0


@pytest.fixture
def jump(monkeypatch):
    """`jump(seconds)` sets the wall clock to now plus these seconds."""
    real_time, real_now = time.time, timezone.now

    def to(seconds):
        monkeypatch.setattr(time, "time", lambda: real_time() + seconds)
        monkeypatch.setattr(timezone, "now", lambda: real_now() + timedelta(seconds=seconds))

    return to


def active(job):
    job.refresh_from_db()
    return status_object(job).active_seconds


JUMPS = [(HOURS, 0.0), (-HOURS, 0.0), (HOURS, -HOURS)]


@pytest.mark.parametrize("jumps", JUMPS)
def test_active_seconds_count_the_seconds_of_each_run(make_job, jump, jumps):
    job = make_job(items=3)
    worker = FakeWorker(job, identity.current())
    worker.start()
    for seconds in jumps:
        jump(seconds)
        assert 0 <= active(job) < 60
    services.pause_job(job.pk, actor=ME)
    worker.finish()
    worker.leave()
    for seconds in jumps:
        jump(seconds)
        assert 0 <= active(job) < 60
    services.resume_job(job.pk, actor=ME)
    assert 0 <= active(job) < 60
    FakeWorker(job, identity.current()).run_all()
    for seconds in (*jumps, 0.0):
        jump(seconds)
        assert 0 <= active(job) < 60
    assert job.status == "completed"


def test_active_seconds_of_a_run_that_another_machine_began_are_never_negative(make_job, jump):
    job = make_job()
    FakeWorker(job)
    Job.objects.filter(pk=job.pk).update(begun_mark="elsewhere 1.0")
    jump(-HOURS)
    assert active(job) == 0


@pytest.mark.parametrize("seconds", [HOURS, -HOURS])
def test_seconds_of_a_running_item_and_of_its_worker_do_not_jump(make_job, jump, seconds):
    job = make_job()
    worker = FakeWorker(job, identity.current())
    worker.start()
    jump(seconds)
    (item,) = status_object(Job.objects.get(pk=job.pk)).current
    assert 0 <= item.seconds < 60
    lease = Lease.objects.get(pk=worker.lease.pk)
    assert 0 <= lease.silent_seconds < 60
    assert 0 <= lease.held_seconds < 60
    assert 0 <= lease.item_elapsed < 60


@pytest.mark.parametrize("seconds", [HOURS, -HOURS])
def test_duration_of_an_item_does_not_jump(make_job, jump, seconds):
    class Jump(Operation):
        name = "jump"

        def process(self, item, parameters):
            jump(seconds)

    job = make_job()
    worker = FakeWorker(job, identity.current())
    worker.start()
    done = Performer(Jump(), {}, str(job.pk)).perform(worker.item, clock.now())
    worker.finish_and_claim(done)
    assert 0 <= Lease.objects.get(pk=worker.lease.pk).busy_seconds < 60
    row = job.items.get(pk=done.item.id)
    assert timedelta() <= row.finished_at - row.started_at < timedelta(seconds=60)
