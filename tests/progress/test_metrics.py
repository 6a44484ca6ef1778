"""The metrics are the counts of the jobs and never decrease."""

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from jobs import services
from jobs.models import Job, Lease
from jobs.progress.metrics import render
from jobs.services import Actor
from jobs.states import JobStatus

pytestmark = pytest.mark.django_db


def job_with(succeeded, failed, *, total=10, status=JobStatus.PROCESSING, **lease):
    job = Job.objects.create(
        operation="verify", label="Verify", status=status, total_items=total, prepared=True,
        finished_at=timezone.now(),
    )  # fmt: skip
    Lease.objects.create(
        job=job, slot=1, succeeded=succeeded, failed=failed, busy_seconds=1.5, **lease
    )
    return job


def metrics():
    lines = (line for line in render().decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_metrics_are_the_sums_of_jobs_and_leases():
    job_with(4, 1, current_item=77, token=5, heartbeat_at=timezone.now())
    job_with(10, 0, status=JobStatus.COMPLETED)

    found = metrics()

    assert found['batchsite_jobs{status="processing"}'] == 1
    assert found['batchsite_queue_items{state="pending"}'] == 4
    assert found['batchsite_queue_items{state="in_flight"}'] == 1
    assert found['batchsite_items_total{operation="verify",outcome="succeeded"}'] == 14
    assert found['batchsite_items_total{operation="verify",outcome="failed"}'] == 1
    assert found['batchsite_item_seconds_count{operation="verify"}'] == 15
    assert found['batchsite_item_seconds_sum{operation="verify"}'] == 3.0
    assert found['batchsite_workers{state="busy"}'] == 1
    assert found["batchsite_oldest_heartbeat_seconds"] < 60


def test_totals_keep_the_items_of_a_deleted_job():
    job = job_with(7, 2, status=JobStatus.COMPLETED)
    before = metrics()

    services.delete_job(job.pk, actor=Actor())

    after = metrics()
    assert not Job.objects.exists()
    for name in ("batchsite_items_total", "batchsite_item_seconds"):
        kept = {key: value for key, value in after.items() if key.startswith(name)}
        assert kept == {key: value for key, value in before.items() if key.startswith(name)}


def test_metrics_of_twenty_jobs_need_eight_queries(django_assert_num_queries):
    for _ in range(20):
        job_with(1, 0)

    with django_assert_num_queries(8):
        render()


def test_metrics_need_a_staff_login_if_a_login_is_required(client, settings):
    settings.LOGIN_REQUIRED = True
    assert client.get("/metrics").status_code == 401

    client.force_login(get_user_model().objects.create_user("eve", password="x"))
    assert client.get("/metrics").status_code == 403

    client.force_login(get_user_model().objects.create_user("ada", password="x", is_staff=True))
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert b"batchsite_jobs" in answer.content
