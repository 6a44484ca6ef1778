"""Whether the database takes changes, found out without keeping a reader waiting."""

from datetime import timedelta
from time import monotonic
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from jobs.backends.trouble import LOCKED
from jobs.cluster.brokers import _report_presence
from jobs.models import Cluster, Job
from jobs.progress import status_object, write_probe
from jobs.progress.write_probe import RECOVERING, WriteProbe
from tests.support.factories import delete_jobs, make_job
from tests.support.locks import locked_database
from tests.support.waiting import wait_until


@pytest.fixture
def probe(module_database, monkeypatch):
    """That of this process, which knows nothing yet; it rechecks at once."""
    made = WriteProbe()
    monkeypatch.setattr(write_probe, "_probe", made)
    monkeypatch.setattr(write_probe, "RECHECK_SECONDS", 0.0)
    monkeypatch.setattr(write_probe, "PATIENCE_SECONDS", 0.1)
    return made


@pytest.fixture
def job(module_database):
    yield Job.objects.create(operation="act", label="Act", status="queued", total_items=1)
    delete_jobs()


def test_a_success_counts_for_several_readers(probe):
    assert [write_probe.write_trouble(wait=5) for _ in range(2)] == ["", ""]
    first = probe._current
    write_probe.write_trouble(wait=5)
    assert probe._current is first


def test_a_lock_shows_after_the_patience_and_keeps_no_later_reader_waiting(probe):
    with locked_database():
        assert probe.trouble(patience=0.1, wait=5, suspicious=True) == LOCKED
        since = monotonic()
        assert probe.trouble(patience=0.1, wait=5, suspicious=True) == LOCKED
        assert monotonic() - since < 0.1
    wait_until(lambda: probe.trouble(patience=5, wait=5, suspicious=True) == "")


def test_a_routine_check_does_not_take_a_short_lock_for_trouble(probe):
    with locked_database():
        assert write_probe.write_trouble(wait=0.05) == ""
    wait_until(lambda: probe._current.done.is_set())


def test_nothing_is_tried_inside_a_transaction_of_the_caller(probe):
    with transaction.atomic():
        assert write_probe.cause_of_standstill() == ""
    assert probe._current is None


def test_a_job_behind_a_locked_database_says_that_and_not_that_no_worker_runs(probe, job):
    assert status_object(job).notice == "No worker is running"
    with locked_database():
        assert status_object(job).notice == LOCKED
    wait_until(lambda: status_object(job).notice == RECOVERING)


@pytest.fixture
def cluster(module_database):
    stat = SimpleNamespace(
        cluster_id=uuid4(), host="here", pid=1, workers=[2], status="Idle", tob=timezone.now()
    )
    yield _report_presence(stat, 0)
    Cluster.objects.all().delete()


def test_a_job_that_waits_its_turn_is_not_said_to_be_locked_out(probe, job, cluster):
    Job.objects.update(created_at=timezone.now() - timedelta(hours=1), prepared=True)
    job.refresh_from_db()
    make_job(left=4, running=1)
    with locked_database():
        assert status_object(job).notice == "Waiting behind Verify files (5 left)"


def test_a_job_whose_clusters_stay_away_after_the_trouble_has_no_worker(probe, job, monkeypatch):
    with locked_database():
        assert status_object(job).notice == LOCKED
    monkeypatch.setattr(write_probe, "RECOVERY_SECONDS", 0.0)
    wait_until(lambda: status_object(job).notice == "No worker is running")
