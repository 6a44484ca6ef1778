"""Who may call, and whose jobs they see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from jobs import services
from jobs.models import Job
from tests.api.caller import Caller, described_calls

Start = Callable[..., Job]


@pytest.fixture
def login_required(settings: Any) -> None:
    settings.LOGIN_REQUIRED = True


def with_token(user: User) -> Caller:
    return Caller(Authorization=f"Token {services.create_token(user, name='test')[0]}")


def with_session(user: User) -> Caller:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return Caller(client)


UNFINISHED = {"/health"}


@pytest.mark.usefixtures("login_required")
@pytest.mark.parametrize(("method", "path"), sorted(described_calls()))
def test_every_call_without_a_login_is_refused(api: Caller, db: None, method: str, path: str):
    if path in UNFINISHED:
        return
    answer = api.call(method, path.replace("{job_id}", "1"))
    assert (answer.status, list(answer.body)) == (401, ["error"])
    assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.usefixtures("login_required")
@pytest.mark.parametrize("path", ["/api/schema", "/api/docs", "/api/nothing"])
def test_schema_docs_and_unknown_urls_without_a_login_are_refused(api: Caller, db: None, path: str):
    assert api.get(path).status == 401


@pytest.mark.parametrize("token", ["Token wrong", "Token", "Token a b", "Token \xff", "Token é"])
@pytest.mark.parametrize("required", [True, False])
def test_a_wrong_token_is_refused(db: None, settings: Any, token: str, required: bool):
    settings.LOGIN_REQUIRED = required
    answer = Caller(Authorization=token).get("/api/jobs")
    assert (answer.status, list(answer.body)) == (401, ["error"])


@pytest.mark.usefixtures("login_required")
def test_token_of_an_inactive_user_is_refused(alice: User):
    alice.is_active = False
    alice.save()
    assert with_token(alice).get("/api/jobs").status == 401


@pytest.mark.usefixtures("login_required")
@pytest.mark.parametrize("login", [with_token, with_session])
def test_users_see_their_own_jobs_only(
    start: Start, alice: User, bob: User, login: Callable[[User], Caller]
):
    hers, his = start(user=alice), start(user=bob)
    api = login(alice)
    assert [job["id"] for job in api.get("/api/jobs").body["jobs"]] == [str(hers.pk)]
    assert api.get("/api/jobs/active").body["job"]["id"] == str(hers.pk)
    assert api.get(f"/api/jobs/{hers.pk}").body["created_by"] == "alice"
    for call in ("", "/items", "/items.csv", "/items.json", "/failures", "/events"):
        assert api.get(f"/api/jobs/{his.pk}{call}").error == "Job not found"


@pytest.mark.usefixtures("login_required")
def test_users_control_their_own_jobs_only(start: Start, alice: User, bob: User):
    hers, his = start(user=alice), start(user=bob)
    api = with_token(alice)
    answer = api.post(f"/api/jobs/{his.pk}/cancel")
    assert (answer.status, answer.error) == (400, "Job not found or already completed")
    for call in ("pause", "resume", "retry"):
        assert api.post(f"/api/jobs/{his.pk}/{call}").body == {"error": "Job not found"}
    assert api.post(f"/api/jobs/{his.pk}/seen").status == 404
    assert api.delete(f"/api/jobs/{his.pk}").status == 404
    assert api.post("/api/jobs/cancel-all").body["cancelled"] == 1
    status = dict(Job.objects.values_list("pk", "status"))
    assert status == {hers.pk: "cancelled", his.pk: "queued"}


@pytest.mark.usefixtures("login_required")
def test_permitted_staff_see_and_control_all(start: Start, alice: User, bob: User):
    his = start(user=bob)
    alice.is_staff = True
    alice.save()
    assert with_token(alice).get(f"/api/jobs/{his.pk}").status == 404
    alice.user_permissions.add(Permission.objects.get(codename="control_all_jobs"))
    api = with_token(User.objects.get(pk=alice.pk))
    assert api.get("/api/jobs").body["count"] == 1
    assert api.post(f"/api/jobs/{his.pk}/cancel").status == 200
    found = api.get(f"/api/jobs/{his.pk}").body
    assert (found["created_by"], found["cancelled_by"]) == ("bob", "alice")


@pytest.mark.usefixtures("login_required")
def test_deleting_the_jobs_of_others_needs_its_own_permission(start: Start, alice: User, bob: User):
    hers, his = start(user=alice), start(user=bob)
    Job.objects.update(status="completed")
    Job.objects.get(pk=hers.pk).leases.all().delete()
    alice.is_staff = True
    alice.save()
    alice.user_permissions.set(
        Permission.objects.filter(codename__in=["view_job", "cancel_job", "control_all_jobs"])
    )
    api = with_token(User.objects.get(pk=alice.pk))
    answer = api.delete(f"/api/jobs/{his.pk}")
    assert (answer.status, answer.error) == (403, "You may not delete other people's jobs.")
    assert Job.objects.filter(pk=his.pk).exists()
    assert api.delete(f"/api/jobs/{hers.pk}").status == 200
    alice.user_permissions.add(Permission.objects.get(codename="delete_job"))
    assert with_token(User.objects.get(pk=alice.pk)).delete(f"/api/jobs/{his.pk}").status == 200
    assert not Job.objects.exists()


@pytest.mark.parametrize("required", [True, False])
def test_a_session_needs_the_csrf_token_for_changes(
    start: Start, alice: User, settings: Any, required: bool
):
    settings.LOGIN_REQUIRED = required
    job = start(user=alice)
    api = with_session(alice)
    answer = api.post(f"/api/jobs/{job.pk}/cancel")
    assert (answer.status, "Reload the page" in answer.error) == (403, True)
    api.client.get("/")
    token = api.client.cookies[settings.CSRF_COOKIE_NAME].value
    assert api.post(f"/api/jobs/{job.pk}/cancel", X_CSRFToken=token).status == 200


def test_local_mode_needs_no_token(start: Start):
    api = Caller(Client(enforce_csrf_checks=True))
    job = start()
    assert api.post(f"/api/jobs/{job.pk}/cancel").status == 200
    assert api.get(f"/api/jobs/{job.pk}").body["cancelled_by"] is None


@pytest.mark.usefixtures("login_required")
def test_polling_with_a_token_reads_no_session(
    start: Start, alice: User, django_assert_num_queries: Callable[..., Any]
):
    job = start(user=alice)
    job.leases.all().delete()
    api = with_token(alice)
    api.post(f"/api/jobs/{job.pk}/cancel")
    # The user of the token, whose name is also shown; the job, its leases.
    with django_assert_num_queries(3):
        api.get(f"/api/jobs/{job.pk}")
