"""The limit of unfinished jobs of one person."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection

from jobs import services
from jobs.exceptions import TooManyJobs
from jobs.models import Job
from tests.api.caller import Caller
from tests.support import factories

REFUSAL = "There are 2 unfinished jobs already; one person may have 2 on this site."


@pytest.fixture(autouse=True)
def limit(settings):
    settings.LOGIN_REQUIRED = False
    settings.JOBS_MAX_ACTIVE_JOBS = 2


@pytest.fixture
def people(module_database):
    """Two people, and None, who stands for everybody who is not logged in."""
    users = [get_user_model().objects.create(username=name) for name in ("anna", "bert")]
    yield [*users, None]
    factories.delete_jobs(*Job.objects.all())
    for user in users:
        user.delete()


def start(person):
    return services.start_job("act", actor=services.Actor(user=person))


@pytest.mark.parametrize(("busy", "other"), [(0, 1), (0, 2), (2, 0)])
def test_a_start_beyond_the_limit_is_refused_to_this_person_alone(people, busy, other):
    start(people[busy])
    services.pause_job(start(people[busy]).pk, actor=services.Actor())
    with pytest.raises(TooManyJobs, match=f"^{REFUSAL} Wait until some have finished"):
        start(people[busy])
    assert Job.objects.count() == 2
    start(people[other])


def test_without_a_limit_any_number_of_jobs_starts(people, settings):
    settings.JOBS_MAX_ACTIVE_JOBS = 0
    for _ in range(4):
        start(people[0])


@pytest.mark.parametrize("call", [services.resume_job, services.retry_job])
def test_a_finished_job_beyond_the_limit_stays_finished_and_a_paused_one_resumes(people, call):
    finished = factories.make_job("cancelled", failed=1, left=1, created_by=people[0])
    paused = factories.make_job("paused", left=1, created_by=people[0])
    job = start(people[0])
    with pytest.raises(TooManyJobs):
        call(finished.pk, actor=services.Actor())
    finished.refresh_from_db()
    assert finished.status == "cancelled"
    services.resume_job(paused.pk, actor=services.Actor())
    services.cancel_job(job.pk, actor=services.Actor())
    call(finished.pk, actor=services.Actor())


def test_starts_at_the_same_moment_never_exceed_the_limit(people):
    barrier = threading.Barrier(6)

    def try_start(_):
        barrier.wait(30)
        try:
            return start(people[0])
        except TooManyJobs:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(try_start, range(6)))
    assert sum(job is not None for job in found) == 2


def test_api_and_command_say_why_a_job_was_not_started(people):
    api = Caller()
    for _ in range(2):
        assert api.post("/api/jobs", {"operation": "act"}).status == 201
    answer = api.post("/api/jobs", {"operation": "act"})
    assert answer.status == 400
    assert answer.error.startswith(REFUSAL)
    with pytest.raises(CommandError, match=REFUSAL):
        call_command("startjob", "act")
