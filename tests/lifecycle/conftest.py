"""Jobs for the tests of this folder."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobs.models import Job
from tests.support.databases import package_database
from tests.support.factories import delete_jobs, make_waiting_job

MakeJob = Callable[..., Job]

module_database = package_database()


@pytest.fixture
def make_job(module_database: str) -> Iterator[MakeJob]:
    """`make_job(status="queued", items=2, **fields)` makes a prepared job of pending items."""
    made: list[Job] = []

    def make(status: str = "queued", *, items: int = 2, **fields: object) -> Job:
        made.append(make_waiting_job(items, status=status, **fields))
        return made[-1]

    yield make
    delete_jobs(*made)


@pytest.fixture
def job(make_job: MakeJob) -> Job:
    """A job of 50 items."""
    return make_job(items=50)


@pytest.fixture
def pause_after_five(settings: Any) -> None:
    """A job pauses after five equal errors."""
    settings.JOBS_MAX_EQUAL_ERRORS = 5
