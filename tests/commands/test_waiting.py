"""Waiting for a job while the database is lost."""

import io
from uuid import uuid4

import pytest
from django.core.management.base import OutputWrapper
from django.db import OperationalError

from jobs import services
from jobs.management import watch
from jobs.management.base import CommandFailure
from jobs.management.progress_view import PlainView
from tests.support import factories


@pytest.fixture
def view():
    return PlainView(OutputWrapper(io.StringIO()))


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """No wait, and no end of the connection that the test's own transaction uses."""
    monkeypatch.setattr(watch, "LOST_SECONDS", -1.0)
    monkeypatch.setattr(watch, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(watch.connection, "close", lambda: None)


@pytest.fixture
def interrupts():
    """Of one Ctrl-C."""
    found = watch.Interrupts()
    found(2, None)
    return found


def lost(*_, **__):
    raise OperationalError("the connection is lost")


@pytest.mark.django_db
def test_a_cancel_without_a_database_reports_that_the_job_continues(monkeypatch, view, interrupts):
    job = factories.make_job("queued", left=1)
    monkeypatch.setattr(services, "cancel_job", lost)
    message = f"the connection is lost. .*The job {job.pk} continues; "
    with pytest.raises(CommandFailure, match=message) as failure:
        watch.wait_for_end(job.pk, view, interrupts, services.Actor())
    assert failure.value.returncode == 130
    assert "\n" not in str(failure.value)


@pytest.mark.django_db
def test_a_database_lost_after_the_cancel_reports_the_job_as_cancelled(
    monkeypatch, view, interrupts
):
    job = factories.make_job("processing", running=1)
    read_status = watch.read_status
    monkeypatch.setattr(
        watch,
        "read_status",
        lambda job_id: lost() if interrupts.cancelling else read_status(job_id),
    )
    with pytest.raises(CommandFailure, match=f"The job {job.pk} is cancelled; items already"):
        watch.wait_for_end(job.pk, view, interrupts, services.Actor())


def test_a_second_ctrl_c_that_a_library_has_swallowed_still_ends_the_wait(
    monkeypatch, view, interrupts
):
    def swallow(*_, **__):
        with pytest.raises(KeyboardInterrupt):
            interrupts(2, None)
        lost()

    monkeypatch.setattr(watch, "read_status", swallow)
    with pytest.raises(KeyboardInterrupt):
        watch.watch(uuid4(), view, interrupts)


@pytest.mark.django_db
def test_ctrl_c_without_a_database_ends_the_watch_with_130(monkeypatch, view, interrupts):
    monkeypatch.setattr(watch, "LOST_SECONDS", 60.0)
    monkeypatch.setattr(watch, "read_status", lost)
    job_id = uuid4()
    with pytest.raises(CommandFailure, match=f"The job {job_id} continues.") as failure:
        watch.watch(job_id, view, interrupts)
    assert failure.value.returncode == 130
