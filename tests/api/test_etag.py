"""Which changes of a status object change its ETag."""

from dataclasses import fields, replace
from typing import Any, cast

import pytest

from jobs.api.etag import etag
from jobs.backends import JobTotals
from jobs.models import Job
from jobs.progress.status import RunningItem, Status, status_of


@pytest.fixture
def status() -> Status:
    job = Job(operation="act", label="Act", status="processing", total_items=3)
    return status_of(job, JobTotals(succeeded=1), [RunningItem("a.txt", 1.5)], None)


def test_etag_changes_with_every_field_except_the_duration(status: Status):
    changed = [replace(status, **cast(Any, {field.name: "other"})) for field in fields(status)]
    same = [field.name for field, other in zip(fields(status), changed, strict=True)
            if etag(other) == etag(status)]  # fmt: skip
    assert same == ["active_seconds"]


def test_etag_changes_with_the_running_items_but_not_with_their_seconds(status: Status):
    assert etag(replace(status, current=[RunningItem("a.txt", 9.0)])) == etag(status)
    assert etag(replace(status, current=[RunningItem("b.txt", 1.5)])) != etag(status)


def test_etag_of_a_page_changes_with_its_jobs(status: Status):
    other = replace(status, progress=replace(status.progress, succeeded=2))
    assert etag({"jobs": [status]}) != etag({"jobs": [other]})
    assert etag({"jobs": [status]}) == etag({"jobs": [replace(status, active_seconds=99.0)]})
