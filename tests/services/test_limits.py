"""The limits of a job: what its row can hold, and at least one worker."""

import pytest

from jobs import services
from jobs.exceptions import BadLimits
from jobs.models import Job
from jobs.services.start import FAILURE_LIMIT, MAX_WORKERS
from tests.support.in_process import with_test_operations

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def operations():
    with with_test_operations():
        yield


@pytest.mark.parametrize("end", [0, 1])
def test_both_ends_of_the_ranges_can_be_kept(end):
    limits = {"max_workers": MAX_WORKERS[end], "failure_limit": FAILURE_LIMIT[end]}
    job = services.start_job("act", **limits)
    job.refresh_from_db()
    assert {name: getattr(job, name) for name in limits} == limits
    job.clean_fields()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_workers", MAX_WORKERS[0] - 1), ("max_workers", MAX_WORKERS[1] + 1),
        ("max_workers", -1), ("max_workers", 10**30), ("max_workers", True),
        ("max_workers", "2"), ("failure_limit", FAILURE_LIMIT[0] - 1),
        ("failure_limit", FAILURE_LIMIT[1] + 1), ("failure_limit", 1.5),
    ],
)  # fmt: skip
def test_a_limit_out_of_range_is_named_and_starts_nothing(name, value):
    with pytest.raises(BadLimits, match=rf"^{name}: Give a whole number from ") as error:
        services.start_job("act", **{name: value})
    assert list(error.value.fields) == [name]
    assert not Job.objects.exists()


def test_each_wrong_limit_is_named():
    with pytest.raises(BadLimits) as error:
        services.start_job("act", max_workers=0, failure_limit=-1)
    assert list(error.value.fields) == ["max_workers", "failure_limit"]
