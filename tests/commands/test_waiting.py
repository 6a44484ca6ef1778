"""Waiting for a job while the database comes and goes."""

from uuid import uuid4

import pytest
from django.db import OperationalError

from jobs import services
from jobs.management import following, waiting
from jobs.management.command import Error
from jobs.management.interrupts import Interrupts
from tests.support import rows


class View:
    def show(self, status):
        pass

    def say(self, text):
        pass

    def close(self):
        pass


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(waiting, "LOST_SECONDS", -1.0)
    monkeypatch.setattr(waiting, "POLL_SECONDS", 0.0)


@pytest.fixture
def once():
    interrupts = Interrupts()
    interrupts(2, None)
    return interrupts


def lost(*_, **__):
    raise OperationalError("the connection is lost")


@pytest.mark.django_db
def test_a_cancel_that_finds_no_database_tells_that_the_job_goes_on(monkeypatch, impatient, once):
    job = rows.job("queued", left=1)
    monkeypatch.setattr(services, "cancel_job", lost)
    monkeypatch.setattr(waiting.connection, "close", lambda: None)
    with pytest.raises(
        Error, match=f"the connection is lost. .*The job {job.pk} goes on; "
    ) as told:
        waiting.wait_for_end(job.pk, View(), once, services.Actor())
    assert told.value.returncode == 130
    assert "\n" not in str(told.value)


@pytest.mark.django_db
def test_a_job_that_was_cancelled_before_the_database_went_is_told_as_cancelled(monkeypatch, once):
    job = rows.job("processing", running=1)
    real = following.look

    def look(job_id):
        return lost() if once.fenced else real(job_id)

    monkeypatch.setattr(following, "look", look)
    monkeypatch.setattr(following.connection, "close", lambda: None)
    monkeypatch.setattr(following, "LOST_SECONDS", -1.0)
    with pytest.raises(Error, match=f"The job {job.pk} is cancelled, but goes on with the items"):
        waiting.wait_for_end(job.pk, View(), once, services.Actor())


def test_a_second_interrupt_that_a_library_has_caught_counts_all_the_same(
    monkeypatch, impatient, once
):
    def caught(*_, **__):
        with pytest.raises(KeyboardInterrupt):
            once(2, None)
        lost()

    monkeypatch.setattr(services, "cancel_job", caught)
    monkeypatch.setattr(waiting.connection, "close", lambda: None)
    with pytest.raises(KeyboardInterrupt):
        waiting._cancel(uuid4(), services.Actor(), once)


def test_ctrl_c_while_the_database_is_away_ends_the_watching_as_ctrl_c(monkeypatch):
    monkeypatch.setattr(following, "look", lost)
    monkeypatch.setattr(following.connection, "close", lambda: None)
    job_id = uuid4()
    with pytest.raises(Error, match=f"The job {job_id} goes on.") as told:
        following.follow(job_id, View(), stop=lambda: True)
    assert told.value.returncode == 130
