"""The callers of the table, and the rows that they meet."""

from typing import Any, NamedTuple
from uuid import uuid4

from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.utils import timezone

from jobs import services
from jobs.models import Cluster, Job
from tests.support import factories

ROLES = ("nobody", "other", "owner", "staff", "permitted", "token")
"""nobody is not signed in; staff have no permission, permitted staff those on jobs; the token is
the owner's."""


class Jobs(NamedTuple):
    """Of the owner: one that a cancel or pause changes, one that a resume, retry or delete does."""

    active: Job
    ended: Job

    def for_call(self, method: str, route: str) -> Job:
        ended = method == "DELETE" or route.endswith(("/resume", "/retry"))
        return self.ended if ended else self.active


def callers() -> tuple[dict[str, Client], Jobs]:
    """A caller for each role, and the owner's jobs."""
    found = {"nobody": Client(raise_request_exception=False)}
    for name in ("other", "owner", "staff", "permitted"):
        user = User.objects.create_user(name, is_staff=name in ("staff", "permitted"))
        if name == "permitted":
            user.user_permissions.set(
                Permission.objects.filter(content_type__app_label="jobs", content_type__model="job")
            )
        found[name] = Client(raise_request_exception=False)
        found[name].force_login(user)
    owner = User.objects.get(username="owner")
    token, _ = services.create_token(owner, name="a program")
    found["token"] = Client(
        raise_request_exception=False, headers={"Authorization": f"Token {token}"}
    )
    numbers: dict[str, Any] = {"succeeded": 1, "failed": 1, "left": 1, "created_by": owner}
    jobs = Jobs(
        factories.make_job("processing", **numbers), factories.make_job("cancelled", **numbers)
    )
    factories.make_files("a.txt")
    Group.objects.create(name="readers")
    now = timezone.now()
    Cluster.objects.create(
        id=uuid4(), host="here", pid=1, size=1, status="Idle", started_at=now, seen_at=now
    )
    return found, jobs
