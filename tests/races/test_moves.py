"""Two simultaneous calls have the result of one after the other, in some order."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import combinations_with_replacement

import pytest
from django.db import connection

from jobs import services
from jobs.exceptions import JobsError
from jobs.lifecycle import transitions
from jobs.models import EventEntry, Job, JobEvent, JobItem, Lease
from jobs.states import TRANSITIONS, JobStatus, Transition

ME = services.Actor()
CALLS = ("cancel", "pause", "resume", "retry")


def hang_up():
    """Close the connection of the thread that calls this."""
    connection.close()


class Pair:
    """Two threads with a database connection each, which start at the same moment."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(2)
        self.barrier = threading.Barrier(2)

    def run(self, *calls):
        """The results of the two calls."""
        return [future.result() for future in [self.pool.submit(self._at_once, c) for c in calls]]

    def close(self) -> None:
        self.run(hang_up, hang_up)
        self.pool.shutdown()

    def _at_once(self, call):
        self.barrier.wait(30)
        return call()


@pytest.fixture(scope="module")
def pair(module_database: str) -> Iterator[Pair]:
    found = Pair()
    yield found
    found.close()


PAIRS = combinations_with_replacement
"""Of simultaneous calls there is no first one, so each pair is tried once."""


def one_after_the_other(status, first, second):
    """The status and the two answers, in the order of the calls."""
    answers = []
    for move in (first, second):
        allowed = status in TRANSITIONS[move].sources
        answers.append(allowed)
        status = TRANSITIONS[move].target if allowed else status
    return status, answers


@pytest.mark.parametrize("status", JobStatus)
def test_two_transitions_at_once_have_the_result_of_one_after_the_other(pair, status):
    for first, second in PAIRS(Transition, 2):
        job = Job.objects.create(operation="act", label="Act", status=status)
        Lease.objects.create(job=job, slot=1, token=job.pk.int % 2**60)
        answers = pair.run(
            partial(transitions.transition, job.pk, first, EventEntry("api")),
            partial(transitions.transition, job.pk, second, EventEntry("admin")),
        )
        job.refresh_from_db()
        forward = one_after_the_other(status, first, second)
        last, other = one_after_the_other(status, second, first)
        assert (job.status, answers) in (forward, (last, other[::-1])), (first, second)
        assert JobEvent.objects.filter(job=job).count() == sum(answers)
        fenced = Lease.objects.get(job=job).fenced
        assert fenced or job.status in ("queued", "processing") or not any(answers)


def ended_job(status):
    """Two items: one has failed, one was not processed."""
    job = Job.objects.create(
        operation="act", label="Act", status=status, prepared=True, total_items=2
    )
    Lease.objects.create(job=job, slot=1, failed=1, sequence=1)
    JobItem.objects.create(job=job, position=0, key="0", status="failed", slot=1, sequence=1)
    JobItem.objects.create(job=job, position=1, key="1")
    return job


def call(name, job):
    def called():
        try:
            getattr(services, f"{name}_job")(job.pk, actor=ME)
        except JobsError:
            return False
        return True

    return called


@pytest.mark.parametrize("status", JobStatus)
def test_two_calls_at_once_have_the_result_of_one_after_the_other(pair, status):
    for first, second in PAIRS(CALLS, 2):
        outcomes = []
        for turn, order in ((1, (first, second)), (-1, (second, first))):
            job = ended_job(status)
            answers = [call(name, job)() for name in order]
            job.refresh_from_db()
            outcomes.append((job.status, answers[::turn]))
        job = ended_job(status)
        answers = pair.run(call(first, job), call(second, job))
        job.refresh_from_db()
        assert (job.status, answers) in outcomes, (first, second)


def test_one_of_many_simultaneous_cancels_succeeds(module_database):
    for _ in range(20):
        job = ended_job("processing")
        with ThreadPoolExecutor(8) as pool:
            barrier = threading.Barrier(8)

            def cancel(job=job, barrier=barrier):
                barrier.wait(30)
                try:
                    return call("cancel", job)()
                finally:
                    hang_up()

            assert sum(pool.map(lambda _: cancel(), range(8))) == 1
        assert JobEvent.objects.filter(job=job, kind="cancel").count() == 1
