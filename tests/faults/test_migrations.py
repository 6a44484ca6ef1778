"""Migrations of a database in which a job is running."""

from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from jobs.library.queries import list_files
from jobs.models import Job, LibraryFile, Outcome, UsedOperation
from tests.support.invariants import check_runs, check_totals

pytestmark = pytest.mark.slow(6)

FIRST = [("jobs", "0001_initial")]

CHANGE_TABLES = """
from django.db import connection, models
from jobs.models import Job, JobItem, Lease
for model in (Job, Lease):
    field = models.FloatField(default=0.5, db_default=0.5)
    field.set_attributes_from_name("added")
    field.model = model
    with connection.schema_editor(atomic=True) as editor:
        editor.add_field(model, field)
with connection.schema_editor(atomic=True) as editor:
    editor.add_index(JobItem, models.Index(fields=["attempts"], name="added"))
"""
"""A migration that adds columns and an index: SQLite rebuilds such tables."""


def test_running_job_completes_while_its_tables_are_changed(quick_site):
    quick_site.start_cluster()
    job = quick_site.start_job(count=120, seconds=0.02, hold=80)
    quick_site.wait_for(job, processed=10)

    changed = quick_site.run("shell", "-v", "0", "-c", CHANGE_TABLES)
    assert (changed.returncode, changed.stderr) == (0, "")
    quick_site.wait_for(job, processed=80)
    migrated = quick_site.run("migrate", "--verbosity", "0")
    assert (migrated.returncode, migrated.stdout, migrated.stderr) == (0, "", "")
    quick_site.let_go(job)

    assert quick_site.wait_for_end(job)["progress"]["succeeded"] == 120
    assert set(check_runs(quick_site, job).values()) == {1}
    assert quick_site.sql("SELECT added FROM jobs_job") == [(0.5,)]


@pytest.mark.parametrize("stack", ["sqlite", "postgres"])
def test_job_of_the_first_release_completes_after_all_migrations(site_factory, stack):
    site = site_factory(stack)
    executor = MigrationExecutor(connection)
    executor.migrate(FIRST)
    job_id = _half_done(executor.loader.project_state(FIRST).apps)
    migrated = site.run("migrate", "--verbosity", "0")
    assert (migrated.returncode, migrated.stderr) == (0, "")

    job = Job.objects.get(pk=job_id)
    assert site.status(job)["progress"] == {
        "total": 10, "processed": 4, "succeeded": 3, "failed": 1, "in_flight": 0,
        "pending": 6, "skipped": 0, "percent": 40, "warnings": 1,
    }  # fmt: skip
    site.start_cluster()
    assert site.wait_for_end(job)["progress"]["succeeded"] == 9
    check_totals(site, job)
    assert len([line for line in site.lines(job) if line.what == "start"]) == 6


BEFORE_OUTCOMES = [("jobs", "0012_totals")]
KNOWN = {"sha256": "0" * 64}


@pytest.mark.parametrize("stack", ["sqlite", "postgres"])
def test_outcomes_and_what_was_remembered_go_to_the_operation_that_they_are_of(site_factory, stack):
    site = site_factory(stack)
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE_OUTCOMES)
    apps = executor.loader.project_state(BEFORE_OUTCOMES).apps
    job = (
        apps.get_model("jobs", "Job")
        .objects.create(
            operation="preview", label="Preview", status="completed", finished_at=timezone.now()
        )
        .pk
    )
    gone = uuid4()
    rows = {
        "new.txt": ("unprocessed", None, {}),
        "preview.jpg": ("failed", job, {"verify": KNOWN}),
        "preview, remembered.jpg": ("succeeded", job, {"preview": KNOWN, "other": {"a": 1}}),
        "verified, job gone.jpg": ("succeeded", gone, {"verify": KNOWN}),
        "of whom, job gone.jpg": ("succeeded", gone, {}),
        "packed.CPIO": ("unprocessed", None, {}),
    }
    now = timezone.now()
    for path, (status, job_id, memory) in rows.items():
        values = {"path": path, "size": 1, "mtime_ns": 1, "status": status, "memory": memory}
        values |= {"message": "said" if status != "unprocessed" else "", "last_job_id": job_id}
        file = apps.get_model("jobs", "LibraryFile")
        file.objects.create(modified=now, kind="other", **values)
        apps.get_model("jobs", "RemovedFile").objects.create(removed_at=now, **values)
    migrated = site.run("migrate", "--verbosity", "0")
    assert (migrated.returncode, migrated.stderr) == (0, "")

    said = ("unprocessed", "", None)
    wanted = {
        ("preview.jpg", "preview"): ("failed", "said", job, None),
        ("preview.jpg", "verify"): (*said, KNOWN),
        ("preview, remembered.jpg", "preview"): ("succeeded", "said", job, KNOWN),
        ("preview, remembered.jpg", "other"): (*said, {"a": 1}),
        ("verified, job gone.jpg", "verify"): ("succeeded", "said", gone, KNOWN),
    }
    for key in ("file", "removed"):
        found = Outcome.objects.filter(**{f"{key}__isnull": False})
        assert {(one.path, one.operation): _outcome(one) for one in found} == wanted
    assert set(UsedOperation.objects.values_list("name", flat=True)) == {
        "preview", "verify", "other",
    }  # fmt: skip
    assert LibraryFile.objects.get(path="packed.CPIO").kind == "archive"
    assert list_files(search="gone", operation="verify", status="succeeded")[0] == 1


def _outcome(one):
    return one.status, one.message, one.job_id, one.memory


def _half_done(apps):
    """As the first release has left it: four of ten items are done; the job's id."""
    now = timezone.now()
    job = apps.get_model("jobs", "Job").objects.create(
        operation="act", label="Act", parameters={"count": 10, "seconds": 0, "hold": None},
        status="processing", total_items=10, prepared=True, started_at=now,
    )  # fmt: skip
    item = apps.get_model("jobs", "JobItem")
    for position in range(10):
        done = {"slot": 1, "sequence": position + 1, "finished_at": now} if position < 4 else {}
        status = ["succeeded", "failed"][position == 3] if done else "pending"
        item.objects.create(
            job=job, position=position, key=f"{position} ok", status=status,
            message="It has no end mark" if position == 0 else "", **done,
        )  # fmt: skip
    apps.get_model("jobs", "Lease").objects.create(
        job=job, slot=1, succeeded=3, failed=1, sequence=4
    )
    return job.pk
