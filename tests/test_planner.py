"""PostgreSQL's planner knows of a large job's items before the first of them is claimed."""

from django.db import connection
from django.test import override_settings

from jobs import services
from jobs.ledger.postgresql import CLAIM
from jobs.models import Job
from jobs.preparation import prepare


def plan_of_a_claim(job):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {CLAIM}", [5, "pending", None, job.pk, -1, 4])
        return "\n".join(line for (line,) in cursor.fetchall())


def test_the_first_claim_of_a_large_job_does_not_sort_its_items(site_factory):
    site_factory("postgres")
    with override_settings(JOBS_PREPARE_ITEMS=100):
        job = services.start_job("act", parameters={"count": 30_000})
    assert prepare(Job.objects.get(pk=job.pk))
    plan = plan_of_a_claim(job)
    assert "item_status_order" in plan
    assert "Sort" not in plan
