"""The executor in this process: which jobs it takes, and what it does to their rows."""

import signal

import pytest

from jobs import operations
from jobs.lifecycle import scheduling
from jobs.models import Job
from jobs.operations import Operation, registry
from jobs.processes import identity
from jobs.progress import status_object
from jobs.worker.executor import Executor
from jobs.worker.journal import Journal
from jobs.worker.scoreboard import Scoreboard
from tests.support.factories import delete_jobs, make_waiting_job


class Old(Operation):
    """Every release has it."""

    name = "old"

    def process(self, item, parameters):
        return parameters


class New(Old):
    """Only the newer release has it."""

    name = "new"


@pytest.fixture(autouse=True)
def _no_rows(module_database):
    handler = signal.getsignal(signal.SIGTERM)
    operations.register(Old)
    yield
    signal.signal(signal.SIGTERM, handler)
    for name in ("old", "new"):
        registry._operations.pop(name, None)
    delete_jobs(*Job.objects.all())


def run_task():
    """One task, as in the child process of a worker."""
    executor = Executor(Scoreboard(), Journal(), identity.current(), 1)
    try:
        executor.run()
    finally:
        executor.connection.close()


def numbers(job):
    job.refresh_from_db()
    found = status_object(job).progress
    return job.status, found.succeeded, found.failed, found.pending


def test_a_worker_leaves_a_job_of_an_unknown_operation_to_those_that_know_it():
    job = make_waiting_job(2, operation="new")
    known = make_waiting_job(2, operation="old")
    run_task()
    assert numbers(known) == ("completed", 2, 0, 0)
    assert numbers(job) == ("queued", 0, 0, 2)
    assert not job.leases.exists()
    assert not scheduling.any_job_needs_worker(), "it would ask for the job again and again"
    operations.register(New)
    run_task()
    assert numbers(job) == ("completed", 2, 0, 0)
