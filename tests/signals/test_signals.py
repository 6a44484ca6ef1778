"""The signals for other code: when they are sent, in which process, with what."""

import json

import pytest
from django.db import transaction

from jobs import services
from jobs.exceptions import JobNotActive
from jobs.models import Job
from jobs.services import Actor
from jobs.signals import job_cancelled, job_started
from tests.signals.listener.apps import VARIABLE
from tests.support import rows
from tests.support.inprocess import with_test_operations
from tests.support.waiting import wait_until


@pytest.fixture
def heard():
    """(signal's name, job's id, source) of what this process is told."""
    told = []

    def started(sender, job, source, **_):
        told.append(("started", job.pk, source))

    def cancelled(sender, job, source, **_):
        told.append(("cancelled", job.pk, job.status, source))

    job_started.connect(started, sender=Job)
    job_cancelled.connect(cancelled, sender=Job)
    yield told
    job_started.disconnect(started, sender=Job)
    job_cancelled.disconnect(cancelled, sender=Job)


@pytest.mark.django_db(transaction=True)
def test_a_start_and_a_cancel_are_told_after_the_commit(heard):
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
def test_what_is_rolled_back_is_not_told(heard):
    job = rows.job("processing", left=2)
    with transaction.atomic():
        services.cancel_job(job.pk, actor=Actor())
        transaction.set_rollback(True)
    assert heard == []


def test_workers_tell_of_failed_items_and_finished_jobs(site_factory):
    site = site_factory("sqlite", files={"a.txt": b"x", "bad.txt": b"x"}, workers=2)
    written = site.folder / "signals"
    site.env |= {
        "EXTRA_APPS": "tests.testapp,tests.signals.listener",
        VARIABLE: str(written),
    }
    site.allow_in_logs("Traceback (most recent call last)")  # of the failing receiver
    cluster = site.start_cluster()
    started = site.run("startjob", "slow", "--all", "--wait")
    job_id = started.stdout.strip()

    def lines():
        return [json.loads(line) for line in written.read_text().splitlines()]

    wait_until(lambda: any(line["signal"] == "job_finished" for line in lines()), what="the end")
    told = {line["signal"]: line for line in lines()}
    assert {line["job"] for line in lines()} == {job_id}
    assert len(lines()) == 3
    assert told["job_started"]["source"] == "command"
    assert told["item_failed"]["path"] == "bad.txt"
    assert told["item_failed"]["message"] == "This file is bad"
    assert told["job_finished"]["status"] == "completed"
    assert told["job_started"]["pid"] != told["item_failed"]["pid"]
    assert site.status(Job.objects.get(pk=job_id))["progress"]["processed"] == 2
    assert cluster.process.poll() is None
