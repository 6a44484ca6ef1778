"""The status object: its counts, and its JSON and schema from one definition."""

import json
from dataclasses import asdict, fields, is_dataclass
from typing import get_args, get_origin, get_type_hints

import pytest
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from jobs.api.formats import FastJSONRenderer
from jobs.backends import JobTotals
from jobs.models import Job
from jobs.progress import Progress, Status, progress_of
from jobs.progress.status import RunningItem, status_of
from jobs.states import FINISHED, JobStatus


@pytest.mark.parametrize(
    ("total", "processed", "percent"),
    [(0, 0, 0), (3, 0, 0), (3, 1, 33), (3, 2, 66), (3, 3, 100), (1000, 999, 99)],
)
def test_percent_is_rounded_down(total, processed, percent):
    job = Job(status="processing", total_items=total)
    assert progress_of(job, JobTotals(succeeded=processed)).percent == percent


@pytest.mark.parametrize("status", JobStatus)
def test_unprocessed_items_are_pending_until_the_job_has_ended(status):
    job = Job(status=status, total_items=10, skipped=1, retried=2)
    found = progress_of(job, JobTotals(succeeded=3, failed=4, in_flight=1))
    assert (found.succeeded, found.failed, found.processed, found.in_flight) == (3, 2, 5, 1)
    assert (found.pending, found.skipped) == ((0, 4) if status in FINISHED else (3, 1))


def test_items_of_a_job_without_workers_are_pending():
    found = progress_of(Job(status="queued", total_items=10), JobTotals())
    assert (found.processed, found.in_flight, found.pending) == (0, 0, 10)


@pytest.mark.parametrize(("status", "rate"), [("processing", 2.5), ("paused", None)])
def test_only_a_job_that_runs_has_a_rate_and_a_time_left(status, rate):
    job = Job(status=status, total_items=10, operation="act", label="Act")
    found = status_of(job, JobTotals(succeeded=4, in_flight=1, rate=2.5), [], None)
    assert (found.items_per_second, found.eta_seconds) == (rate, rate and 2.4)


def test_status_has_the_totals_and_what_the_operation_says_of_them():
    job = Job(status="processing", total_items=10, operation="verify", label="Verify files")
    totals = {"whole": 4, "bytes": 2.5}
    found = status_of(job, JobTotals(succeeded=4, failed=1, by_name=totals), [], None)
    assert (found.totals, found.summary) == (totals, "4 whole · 1 broken")
    unknown = Job(status="processing", total_items=10, operation="gone", label="Gone")
    assert status_of(unknown, JobTotals(by_name=totals), [], None).summary is None


@pytest.fixture(scope="module")
def schemas():
    return SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]


@pytest.fixture
def written():
    """The JSON of a status object, as the API writes it."""
    job = Job(operation="act", label="Act", status="processing", started_at=timezone.now())
    found = status_of(job, JobTotals(), [RunningItem("a.txt", 1.5)], "No worker is running")
    assert json.loads(FastJSONRenderer().render(found)) == asdict(found)
    return json.loads(FastJSONRenderer().render(found))


@pytest.mark.parametrize(
    ("shape", "part"),
    [
        (Status, lambda written: written),
        (Progress, lambda written: written["progress"]),
        (RunningItem, lambda written: written["current"][0]),
    ],
)
def test_json_and_schema_have_the_fields_of_the_dataclass(schemas, written, shape, part):
    names = [field.name for field in fields(shape)]
    described = schemas[shape.__name__]
    assert list(part(written)) == list(described["properties"]) == names
    assert sorted(described["required"]) == sorted(names)


def test_every_nested_dataclass_of_the_status_is_compared_above():
    assert set(_shapes(Status)) == {Status, Progress, RunningItem}


def _shapes(hint):
    """The dataclasses in a type, itself included."""
    if get_origin(hint) is not None:
        for inner in get_args(hint):
            yield from _shapes(inner)
    elif is_dataclass(hint):
        yield hint
        for inner in get_type_hints(hint).values():
            yield from _shapes(inner)
