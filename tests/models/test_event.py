"""The events of a job are bounded."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from jobs import services
from jobs.models import EventEntry, JobEvent
from tests.support.databases import package_database
from tests.support.factories import delete_jobs, make_waiting_job

module_database = package_database()


@pytest.fixture
def job(module_database, settings):
    settings.JOBS_MAX_EVENTS = 20
    made = make_waiting_job(1)
    yield made
    delete_jobs(made)


def record(job, number):
    entry = EventEntry("engine", message=f"{number} was given back: it died")
    JobEvent.objects.record(job.pk, "item_given_back", entry)


def test_the_oldest_events_of_the_engine_become_one_that_counts_them(job):
    for number in range(100):
        record(job, number)
        assert job.events.count() <= 20
    first, *others = job.events.all()
    assert (first.kind, first.source, first.merged) == ("merged", "engine", 100 - len(others))
    sentence = f"The first {first.merged} events of the engine are no longer listed one by one."
    assert first.message == sentence
    assert [event.message.split()[0] for event in others] == [
        str(number) for number in range(first.merged, 100)
    ]


def test_what_people_did_and_changes_of_the_status_stay(job):
    anna = services.Actor(source="page", name="anna")
    for number in range(30):
        services.pause_job(job.pk, actor=anna)
        services.resume_job(job.pk, actor=anna)
        record(job, number)
    for _ in range(25):
        JobEvent.objects.record(job.pk, "complete", EventEntry("engine"))
    kinds = list(job.events.values_list("kind", flat=True))
    assert [kinds.count(kind) for kind in ("pause", "resume", "complete")] == [30, 30, 25]
    assert kinds.count("item_given_back") < 20


def test_without_a_limit_every_event_stays(job, settings):
    settings.JOBS_MAX_EVENTS = 0
    for number in range(30):
        record(job, number)
    assert job.events.count() == 30


def test_processes_that_record_at_the_same_moment_count_each_event_once(job):
    for number in range(20):
        record(job, number)
    barrier = threading.Barrier(6)

    def work(number):
        barrier.wait(30)
        try:
            for _ in range(10):
                record(job, number)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    events = list(job.events.all())
    assert sum(event.merged or 1 for event in events) == 80
    assert len(events) <= 26, "each of the six may have added one meanwhile"
