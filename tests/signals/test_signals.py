"""The signals for other code: when they are sent, by which process, with what."""

import json

import pytest
from django.db import transaction

from jobs import services
from jobs.exceptions import JobNotActive
from jobs.lifecycle.recovery import StallDetector, sweep
from jobs.models import Job
from jobs.services import Actor
from jobs.signals import job_cancelled, job_finished, job_started
from tests.signals.listener.apps import VARIABLE
from tests.support import factories
from tests.support.in_process import with_test_operations
from tests.support.waiting import wait_until


class Listening:
    """A site with an app that writes down every signal that any of its processes gets."""

    def __init__(self, site):
        self.site = site
        self.written = site.folder / "signals"
        site.env |= {
            "EXTRA_APPS": "tests.testapp,tests.signals.listener",
            VARIABLE: str(self.written),
        }
        site.allow_in_logs("Traceback (most recent call last)")  # of the failing receiver
        self.cluster = site.start_cluster()

    def sent(self, signal=None):
        """All signals, or those of one name, in the order in which they were sent."""
        if not self.written.exists():
            return []
        lines = [json.loads(line) for line in self.written.read_text().splitlines()]
        return [line for line in lines if signal in (None, line["signal"])]

    def wait_for(self, signal, times=1):
        """Wait until it was sent this many times; all of them, which may be more."""
        wait_until(lambda: len(self.sent(signal)) >= times, what=f"{signal} ({times})")
        return self.sent(signal)

    def wait_for_end(self, times=1):
        """Wait until `job_finished` was sent this many times; the last of them."""
        return self.wait_for("job_finished", times)[-1]


@pytest.fixture
def listening(site_factory):
    return Listening(site_factory("sqlite", files={"a.txt": b"x", "bad.txt": b"x"}, workers=2))


@pytest.fixture
def heard():
    """(signal, job's id, source) of every signal sent in this process."""
    sent = []

    def started(sender, job, source, **_):
        sent.append(("started", job.pk, source))

    def cancelled(sender, job, source, **_):
        sent.append(("cancelled", job.pk, job.status, source))

    job_started.connect(started, sender=Job)
    job_cancelled.connect(cancelled, sender=Job)
    yield sent
    job_started.disconnect(started, sender=Job)
    job_cancelled.disconnect(cancelled, sender=Job)


@pytest.mark.django_db(transaction=True)
def test_signals_of_start_and_cancel_are_sent_after_the_commit(heard):
    with with_test_operations():
        with transaction.atomic():
            job = services.start_job("act", parameters={"count": 3}, actor=Actor(source="api"))
            assert heard == []
        assert heard == [("started", job.pk, "api")]
    services.cancel_job(job.pk, actor=Actor(source="page"))
    assert heard[1:] == [("cancelled", job.pk, "cancelled", "page")]
    with pytest.raises(JobNotActive):
        services.cancel_job(job.pk, actor=Actor(source="page"))
    assert len(heard) == 2


@pytest.mark.django_db(transaction=True)
def test_rolled_back_cancel_sends_no_signal(heard):
    job = factories.make_job("processing", left=2)
    with transaction.atomic():
        services.cancel_job(job.pk, actor=Actor())
        transaction.set_rollback(True)
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_pause_resume_and_retry_send_no_signal(heard):
    job = factories.make_job("processing", succeeded=1, left=2)
    services.pause_job(job.pk, actor=Actor())
    services.resume_job(job.pk, actor=Actor())
    services.retry_job(factories.make_job("completed", failed=1).pk, actor=Actor())
    assert heard == []


def test_workers_send_signals_of_failed_items_and_finished_jobs(listening):
    site = listening.site
    started = site.run("startjob", "slow", "--all", "--wait")
    job_id = started.stdout.strip()
    assert listening.wait_for_end()["status"] == "completed"
    (begun,), (failed,) = listening.wait_for("job_started"), listening.wait_for("item_failed")
    (settled,) = listening.wait_for("job_settled")
    assert [settled[name] for name in ("succeeded", "failed", "total")] == [1, 1, 2]
    assert {line["job"] for line in listening.sent()} == {job_id}
    assert len(listening.sent()) == 4
    assert begun["source"] == "command"
    assert (failed["path"], failed["message"]) == ("bad.txt", "This file is bad")
    assert begun["pid"] != failed["pid"]
    assert site.status(Job.objects.get(pk=job_id))["progress"]["processed"] == 2
    assert listening.cluster.process.poll() is None


def test_item_of_a_dead_worker_sends_one_signal_and_its_job_another_after_a_retry(listening):
    site = listening.site
    job = site.start_job(count=3, script={"1": "kill"})
    assert listening.wait_for_end()["status"] == "completed"
    (failed,) = listening.wait_for("item_failed")
    assert (failed["job"], failed["path"]) == (str(job.pk), "1 kill")
    assert failed["message"].startswith("The worker died while processing this file")
    services.retry_job(job.pk, actor=Actor())
    assert listening.wait_for_end(times=2)["job"] == str(job.pk)
    ends = listening.wait_for("job_settled", times=2)
    assert [(end["succeeded"], end["failed"]) for end in ends] == [(2, 1), (2, 1)]
    assert len({end["settlement"] for end in ends}) == 2
    assert len(listening.wait_for("item_failed", times=2)) == 2


def test_failed_job_sends_job_finished(listening):
    started = listening.site.run("startjob", "slow", "bad.txt", "--failure-limit", "0")
    found = listening.wait_for_end()
    assert (found["job"], found["status"]) == (started.stdout.strip(), "failed")


def test_job_completed_by_the_sweep_sends_job_finished_once(module_database):
    sent = []

    def finished(sender, job, **_):
        sent.append((job.pk, job.status))

    job_finished.connect(finished, sender=Job)
    try:
        job = factories.make_job("processing", succeeded=2)
        sweep(StallDetector())
        sweep(StallDetector())
    finally:
        job_finished.disconnect(finished, sender=Job)
    assert sent == [(job.pk, "completed")]
