"""GET /api/jobs/active and POST /api/jobs/<id>/seen."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from jobs import services
from jobs.models import Job
from tests.api.caller import Caller

Start = Callable[..., Job]


def active(api: Caller) -> str | None:
    job = api.get("/api/jobs/active").body["job"]
    return None if job is None else job["id"]


def test_active_job_is_null_without_jobs(api: Caller, db: None):
    assert api.get("/api/jobs/active").body == {"job": None}


def test_newest_unfinished_job_is_active(api: Caller, start: Start):
    older, newer, cancelled = start(), start(), start()
    api.post(f"/api/jobs/{cancelled.pk}/cancel")
    assert active(api) == str(newer.pk)
    api.post(f"/api/jobs/{newer.pk}/cancel")
    assert active(api) == str(older.pk)


def test_paused_job_is_active(api: Caller, start: Start):
    job = start()
    api.post(f"/api/jobs/{job.pk}/pause")
    assert active(api) == str(job.pk)


def test_last_finished_job_is_active_until_it_is_seen(api: Caller, start: Start):
    first, second = start(), start()
    api.post(f"/api/jobs/{second.pk}/cancel")
    api.post(f"/api/jobs/{first.pk}/cancel")
    assert active(api) == str(first.pk)
    assert api.post(f"/api/jobs/{first.pk}/seen").body == {"success": True}
    assert active(api) is None


def test_seen_job_is_active_again_after_a_resume(api: Caller, start: Start):
    job = start()
    for call in ("cancel", "seen", "resume", "cancel"):
        assert api.post(f"/api/jobs/{job.pk}/{call}").status == 200
    assert active(api) == str(job.pk)


def test_an_unknown_job_cannot_be_seen(api: Caller, db: None):
    assert api.post("/api/jobs/nothing/seen").error == "Job not found"


def test_active_job_of_a_superuser_is_not_that_of_another_user(
    start: Start, alice: User, settings: Any
):
    settings.LOGIN_REQUIRED = True
    boss = User.objects.create_superuser("boss", password="boss's password")
    start(user=alice)
    client = Client()
    client.force_login(boss)
    caller = Caller(client)
    assert len(caller.get("/api/jobs").body["jobs"]) == 1
    assert active(caller) is None


def test_active_job_among_many_needs_three_queries(
    api: Caller, start: Start, django_assert_max_num_queries: Callable[..., Any]
):
    for _ in range(5):
        services.cancel_job(start().pk, actor=services.Actor())
    with django_assert_max_num_queries(3):
        api.get("/api/jobs/active")
