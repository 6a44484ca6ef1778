"""Keeps the outcome of a file for each operation, in place of one for all."""

import django.db.models.deletion
from django.db import migrations, models

from jobs.backends.loading import load_backend
from jobs.library.search_index import index_of

REMEMBERED = """
INSERT INTO jobs_outcome ({key}, operation, path, memory, status, message, job_id, finished_at)
SELECT file.id, known.key, file.path, known.value,
    CASE WHEN {own} THEN file.status ELSE 'unprocessed' END,
    CASE WHEN {own} THEN file.message ELSE '' END,
    CASE WHEN {own} THEN file.last_job_id END,
    CASE WHEN {own} THEN job.finished_at END
FROM {table} AS file CROSS JOIN {members} LEFT JOIN jobs_job AS job ON job.id = file.last_job_id
WHERE {chosen}
"""
OWN = """file.status <> 'unprocessed'
    AND (job.operation = known.key OR (job.id IS NULL AND known.key = 'verify'))"""
"""The outcome is of this operation. Where the job is gone, only what `verify` remembers says so."""

OTHERS = """
INSERT INTO jobs_outcome ({key}, operation, path, status, message, job_id, finished_at)
SELECT file.id, job.operation, file.path, file.status, file.message, file.last_job_id,
    job.finished_at
FROM {table} AS file JOIN jobs_job AS job ON job.id = file.last_job_id
WHERE file.status <> 'unprocessed' AND {chosen}
    AND NOT EXISTS (SELECT 1 FROM {members} WHERE known.key = job.operation)
"""
USED = """
INSERT INTO jobs_usedoperation (name, kinds, followed, complete)
SELECT operation, '', {false}, {false} FROM jobs_outcome
UNION SELECT operation, '', {false}, {false} FROM jobs_job
"""
ARCHIVES = ("cpio", "br", "cb7", "cbt", "lzma", "tbz", "tlz", "tzst")
"""Suffixes that name archives since this version."""

NAME_ARCHIVES = """
UPDATE jobs_libraryfile SET kind = 'archive' WHERE kind = 'other' AND ({})
"""


def keep(apps, schema_editor):
    """Store the outcomes of before with the operations of their jobs, and what was remembered."""
    members = load_backend(schema_editor.connection.vendor).json_members.format("file.memory")
    for table, key, chosen in (
        ("jobs_libraryfile", "file_id", "1 = 1"),
        ("jobs_removedfile", "removed_id", "file.removed_at IS NOT NULL"),
    ):
        words = {"table": table, "key": key, "chosen": chosen, "members": members, "own": OWN}
        schema_editor.execute(REMEMBERED.format(**words))
        schema_editor.execute(OTHERS.format(**words))
    schema_editor.execute(USED.format(false=schema_editor.quote_value(False)))
    suffixes = " OR ".join(f"lower(path) LIKE '%.{suffix}'" for suffix in ARCHIVES)
    schema_editor.execute(NAME_ARCHIVES.format(suffixes), params=None)


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
