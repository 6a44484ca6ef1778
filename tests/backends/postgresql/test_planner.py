"""PostgreSQL: the planner knows a large job's items before the first of them is claimed."""

import pytest

from jobs.backends.compiled import fetch_rows
from jobs.backends.postgresql.store import CLAIM
from jobs.lifecycle.preparation import prepare
from jobs.models import Job

pytestmark = pytest.mark.parametrize("module_database", ["postgres"], indirect=True)


@pytest.fixture
def large_job(module_database):
    made = Job.objects.create(
        operation="act",
        label="Act",
        parameters={"count": 30_000, "script": {}},
        preparation={"kind": "own"},
    )
    yield made
    made.delete()


def test_the_first_claim_of_a_large_job_does_not_sort_its_items(large_job):
    assert prepare(large_job)
    rows = fetch_rows(f"EXPLAIN {CLAIM}", [5, "pending", None, large_job.pk, -1, 4])
    plan = "\n".join(line for (line,) in rows)
    assert "item_status_order" in plan
    assert "Sort" not in plan
