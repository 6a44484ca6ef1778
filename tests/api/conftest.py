"""Tests of the API in this process: local mode, a small library, the test app's operations."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobs import services
from jobs.library import outcomes
from jobs.models import Cluster, Job, LibraryFile
from tests.api.caller import Caller
from tests.support.factories import set_outcomes
from tests.support.in_process import with_test_operations

PATHS = ["a.txt", "b.txt", "bad.png", "photos/c.jpg", "photos/d.jpg"]


@pytest.fixture(autouse=True)
def local_mode(settings: Any) -> None:
    settings.LOGIN_REQUIRED = False


@pytest.fixture(autouse=True)
def test_operations() -> Iterator[None]:
    with with_test_operations():
        yield


@pytest.fixture
def api() -> Caller:
    return Caller()


@pytest.fixture
def library(db: None) -> list[str]:
    """Five files; their paths in order."""
    add_files(*PATHS)
    return PATHS


def add_files(*paths: str, **outcome: Any) -> None:
    """Files of the index, with this outcome of `verify` if one is given."""
    LibraryFile.objects.bulk_create(
        LibraryFile(
            path=path,
            size=100 + place,
            mtime_ns=0,
            modified=datetime(2026, 1, 31, 8, 15, tzinfo=UTC),
            kind=path.rpartition(".")[2],
        )
        for place, path in enumerate(paths)
    )
    if outcome:
        outcomes.use(outcome.get("operation", "verify"))
        set_outcomes(LibraryFile.objects.filter(path__in=paths), **outcome)


@pytest.fixture
def start(library: list[str]) -> Callable[..., Job]:
    """`start(user=None, files=None, **selection)` starts a job over the library."""

    def start(user: User | None = None, **options: Any) -> Job:
        operation = options.pop("operation", "slow")
        selection = options or {"all": True}
        actor = services.Actor(user=user, source="command")
        return services.start_job(operation, actor=actor, **selection)

    return start


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password="alice's password")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password="bob's password")


@pytest.fixture
def cluster(db: None) -> Cluster:
    """One that has just shown itself."""
    now = timezone.now()
    return Cluster.objects.create(
        id=uuid4(), host="here", pid=1, size=2, status="Idle", started_at=now, seen_at=now
    )
