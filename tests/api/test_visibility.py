"""What each person reads of files that other people's jobs have processed, and of the library."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from jobs.models import Job, LibraryFile
from tests.api.caller import Caller
from tests.api.conftest import add_files
from tests.api.test_access import with_session
from tests.support.factories import set_outcomes

Start = Callable[..., Job]


@pytest.fixture(autouse=True)
def login_required(settings: Any) -> None:
    settings.LOGIN_REQUIRED = True


def outcomes(api: Caller) -> list[tuple[str, str, str | None, str | None]]:
    files = api.get("/api/files").body["files"]
    return [(file["path"], file["status"], file["message"], file["job_id"]) for file in files]


@pytest.fixture
def last_jobs(start: Start, alice: User, bob: User) -> tuple[str, str]:
    """The ids of a job of alice's, which failed at a.txt, and of bob's, which failed at b.txt."""
    hers, his = (start(user=user, files=["bad.png"]) for user in (alice, bob))
    for path, job, message in (("a.txt", hers, "Her disk is full"), ("b.txt", his, "His secret")):
        files = LibraryFile.objects.filter(path=path)
        set_outcomes(files, status="failed", message=message, job_id=job.pk)
    LibraryFile.objects.exclude(path__in=["a.txt", "b.txt"]).delete()
    return str(hers.pk), str(his.pk)


def test_the_last_outcome_is_shown_to_all_and_message_and_job_to_its_owner(
    last_jobs: tuple[str, str], alice: User
):
    assert outcomes(with_session(alice)) == [
        ("a.txt", "failed", "Her disk is full", last_jobs[0]),
        ("b.txt", "failed", None, None),
    ]


@pytest.mark.parametrize("permitted", [True, False])
def test_staff_need_the_permission_to_read_the_messages_of_others(
    last_jobs: tuple[str, str], permitted: bool
):
    user = User.objects.create_user("carol", is_staff=True)
    if permitted:
        user.user_permissions.add(Permission.objects.get(codename="control_all_jobs"))
    seen = {message for _, _, message, _ in outcomes(with_session(user))}
    assert seen == ({"Her disk is full", "His secret"} if permitted else {None})


def test_the_number_of_queries_is_the_same_for_any_number_of_jobs(
    start: Start, alice: User, bob: User, django_assert_max_num_queries: Callable[..., Any]
):
    api = with_session(alice)
    api.get("/api/files")
    jobs = [start(user=user, files=["a.txt"]) for user in (alice, bob) * 10]
    for job in jobs:
        add_files(f"{job.pk}.txt", status="failed", message="x", job_id=job.pk)
    # Session, user; preparation, count, paths and rows of the files; their outcomes; the visible
    # jobs among them.
    with django_assert_max_num_queries(8):
        files = api.get("/api/files").body["files"]
    assert sum(file["job_id"] is not None for file in files) == 10


@pytest.mark.parametrize(("staff", "named"), [(True, True), (False, False)])
def test_the_path_of_an_unreadable_library_is_reported_to_staff_only(
    db: None, settings: Any, tmp_path: Path, staff: bool, named: bool
):
    settings.LIBRARY_ROOT = tmp_path / "unmounted"
    api = Caller(with_session(User.objects.create_user("carol", is_staff=staff)).client)
    api.client.handler.enforce_csrf_checks = False
    answer = api.post("/api/files/scan")
    assert answer.status == 503
    assert "The library folder" in answer.error
    later = api.get("/api/files/scan").body["error"]
    for sentence in (answer.error, later):
        assert (str(tmp_path) in sentence) == named, sentence
