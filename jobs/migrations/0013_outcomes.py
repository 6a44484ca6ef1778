"""Keeps the outcome of a file for each operation, in place of one for all."""

import django.db.models.deletion
from django.db import migrations, models

from jobs.backends.loading import load_backend
from jobs.library.search_index import index_of

KEEP = """
INSERT INTO jobs_outcome
    (file_id, operation, path, status, message, job_id, finished_at)
SELECT file.id, coalesce(job.operation, 'verify'), file.path, file.status, file.message,
    file.last_job_id, job.finished_at
FROM jobs_libraryfile AS file LEFT JOIN jobs_job AS job ON job.id = file.last_job_id
WHERE file.status <> 'unprocessed'
"""
KEEP_REMOVED = """
INSERT INTO jobs_outcome
    (removed_id, operation, path, status, message, job_id, finished_at)
SELECT file.id, coalesce(job.operation, 'verify'), file.path, file.status, file.message,
    file.last_job_id, job.finished_at
FROM jobs_removedfile AS file LEFT JOIN jobs_job AS job ON job.id = file.last_job_id
WHERE file.status <> 'unprocessed' AND file.removed_at IS NOT NULL
"""
USED = """
INSERT INTO jobs_usedoperation (name, kinds, followed, complete)
SELECT DISTINCT operation, '', {false}, {false} FROM jobs_outcome
"""


def keep(apps, schema_editor):
    """Store the outcomes of before with the operations of their jobs, and what was remembered."""
    schema_editor.execute(KEEP)
    schema_editor.execute(KEEP_REMOVED)
    for model, key in (("LibraryFile", "file_id"), ("RemovedFile", "removed_id")):
        _keep_memory(apps, model, key)
    schema_editor.execute(USED.format(false=schema_editor.quote_value(False)))


def _keep_memory(apps, model, key):
    outcome = apps.get_model("jobs", "Outcome")
    rows = apps.get_model("jobs", model).objects.exclude(memory={})
    if model == "RemovedFile":
        rows = rows.filter(removed_at__isnull=False)
    for pk, path, memory in rows.values_list("pk", "path", "memory").iterator(2_000):
        for operation, remembered in memory.items():
            own = outcome.objects.filter(**{key: pk}, operation=operation)
            if not own.update(memory=remembered):
                outcome.objects.create(
                    **{key: pk}, operation=operation, path=path, memory=remembered
                )


def sort_by_bytes(apps, schema_editor):
    load_backend(schema_editor.connection.vendor).sort_by_bytes(
        schema_editor.execute, "jobs_outcome", "path"
    )


def install(apps, schema_editor):
    index_of(schema_editor.connection).install()


def uninstall(apps, schema_editor):
    index_of(schema_editor.connection).uninstall()


class Migration(migrations.Migration):
    dependencies = [("jobs", "0012_totals")]

    operations = [
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("operation", models.CharField(max_length=100)),
                ("path", models.TextField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unprocessed", "Unprocessed"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                        ],
                        default="unprocessed",
                        max_length=11,
                    ),
                ),
                ("message", models.TextField(blank=True, default="")),
                ("job_id", models.UUIDField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("memory", models.JSONField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outcomes",
                        to="jobs.libraryfile",
                    ),
                ),
                (
                    "removed",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outcomes",
                        to="jobs.removedfile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UsedOperation",
            fields=[
                (
                    "name",
                    models.CharField(max_length=100, primary_key=True, serialize=False),
                ),
                ("kinds", models.CharField(blank=True, default="", max_length=200)),
                ("followed", models.BooleanField(default=False)),
                ("complete", models.BooleanField(default=False)),
            ],
        ),
        migrations.RunPython(sort_by_bytes, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.UniqueConstraint(
                fields=("file", "operation"), name="outcome_unique_file"
            ),
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="outcome",
            index=models.Index(
                condition=models.Q(("file__isnull", False)),
                fields=["operation", "status", "path"],
                name="outcome_status_path",
            ),
        ),
        migrations.AddIndex(
            model_name="outcome",
            index=models.Index(
                condition=models.Q(
                    ("file__isnull", False), models.Q(("message", ""), _negated=True)
                ),
                fields=["operation", "status", "path"],
                name="outcome_message_path",
            ),
        ),
        migrations.AddIndex(
            model_name="outcome",
            index=models.Index(
                condition=models.Q(("removed__isnull", False)),
                fields=["removed"],
                name="outcome_removed",
            ),
        ),
        # SQLite may replace the table, and loses the triggers of the search index with it.
        migrations.RunPython(uninstall, install),
        migrations.RemoveIndex(model_name="libraryfile", name="file_status_path"),
        migrations.RemoveIndex(model_name="libraryfile", name="file_message_path"),
        *(
            migrations.RemoveField(model_name=model, name=name)
            for model in ("libraryfile", "removedfile")
            for name in ("status", "message", "last_job_id", "memory")
        ),
        migrations.RunPython(install, uninstall),
        migrations.AddIndex(
            model_name="libraryfile",
            index=models.Index(fields=["kind", "path"], name="file_kind_path"),
        ),
        migrations.AddIndex(
            model_name="libraryfile",
            index=models.Index(fields=["size", "id"], name="file_size"),
        ),
        migrations.AddIndex(
            model_name="libraryfile",
            index=models.Index(fields=["modified", "id"], name="file_modified"),
        ),
    ]
