"""Old jobs are deleted once a day, if a setting asks for it."""

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from jobs import tasks
from jobs.cluster.schedules import PRUNE, ensure_schedules
from jobs.lifecycle.deletion import remove_deleted
from jobs.models import Job, JobItem
from jobs.services import deletion as services_removal
from tests.support import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def old_job():
    job = factories.make_job("completed", succeeded=2)
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=8))
    return job


def test_migrate_creates_the_schedule_once_and_keeps_changes_to_it():
    call_command("migrate", verbosity=0)
    found = Schedule.objects.get(name=PRUNE)
    assert found.schedule_type == Schedule.DAILY
    assert found.next_run > timezone.now() + timedelta(hours=23)
    Schedule.objects.filter(pk=found.pk).update(repeats=0)
    ensure_schedules()
    assert Schedule.objects.get(name=PRUNE).repeats == 0


@pytest.mark.parametrize(("days", "left"), [(0, 1), (7, 0), (9, 1)])
def test_the_scheduled_task_deletes_jobs_older_than_the_setting(old_job, days, left):
    task = import_string(Schedule.objects.get(name=PRUNE).func)
    with override_settings(JOBS_RETENTION_DAYS=days):
        task()
    assert Job.objects.count() == left


def test_the_scheduled_task_leaves_the_rows_to_the_sweeps(old_job, monkeypatch):
    monkeypatch.setattr(services_removal, "BATCH", 1)
    another = factories.make_job("completed", succeeded=1)
    Job.objects.filter(pk=another.pk).update(finished_at=timezone.now() - timedelta(days=8))
    with override_settings(JOBS_RETENTION_DAYS=7):
        tasks.prune()
    assert set(Job.deleted.all()) == {old_job, another}
    assert JobItem.objects.count() == 3
    remove_deleted()
    assert not JobItem.objects.exists()


@pytest.mark.parametrize("name", ["JOBS_RETENTION_DAYS", "JOBS_REMEMBER_DAYS"])
@pytest.mark.parametrize(
    ("days", "wrong"), [(0, False), (1, False), (100_000, False), (100_001, True), (-1, True)]
)
def test_a_retention_out_of_range_fails_the_check_of_a_cluster(name, days, wrong):
    with override_settings(**{name: days}):
        found = [error for error in run_checks(tags=["jobs"]) if error.id == "jobs.E007"]
    assert bool(found) == wrong
    if wrong:
        assert f"{name} is {days}:" in found[0].msg


def test_the_longest_retention_keeps_jobs(old_job):
    task = import_string(Schedule.objects.get(name=PRUNE).func)
    with override_settings(JOBS_RETENTION_DAYS=100_000):
        task()
    assert Job.objects.count() == 1
