import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from jobs.backends.loading import load_backend
from jobs.library.search_index import index_of


def prepare(apps, schema_editor):
    index_of(schema_editor.connection).install()
    load_backend(schema_editor.connection.vendor).tune_tables(schema_editor.execute)


def undo(apps, schema_editor):
    index_of(schema_editor.connection).uninstall()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Cluster",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("host", models.CharField(max_length=255)),
                ("machine", models.CharField(default="", max_length=100)),
                ("pid", models.PositiveIntegerField()),
                ("worker_pids", models.JSONField(default=list)),
                ("size", models.PositiveSmallIntegerField()),
                ("status", models.CharField(max_length=20)),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LibraryScan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("root", models.TextField(default="")),
                ("device", models.CharField(default="", max_length=20)),
                ("finished_at", models.DateTimeField(null=True)),
                ("files", models.PositiveBigIntegerField(default=0)),
                ("error", models.TextField(default="")),
            ],
        ),
        migrations.CreateModel(
            name="OperationTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("operation", models.CharField(max_length=100, unique=True)),
                ("succeeded", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("busy_seconds", models.FloatField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("operation", models.CharField(max_length=100)),
                ("label", models.CharField(max_length=200)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("selection", models.JSONField(blank=True, default=dict)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("processing", "Processing"),
                            ("paused", "Paused"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        db_index=True,
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("error", models.TextField(blank=True, default="")),
                ("notice", models.TextField(blank=True, default="")),
                ("total_items", models.PositiveIntegerField(default=0)),
                ("prepared", models.BooleanField(default=False)),
                ("preparation", models.JSONField(blank=True, default=dict)),
                ("skipped", models.PositiveIntegerField(default=0)),
                ("retried", models.PositiveIntegerField(default=0)),
                ("max_workers", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("failure_limit", models.PositiveIntegerField(blank=True, null=True)),
                ("seen", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("inactive_since", models.DateTimeField(blank=True, null=True)),
                ("inactive_seconds", models.FloatField(db_default=0.0, default=0.0)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "permissions": (
                    ("cancel_job", "Can cancel, pause and resume jobs"),
                    ("control_all_jobs", "Can see and control the jobs of everyone"),
                ),
            },
        ),
        migrations.CreateModel(
            name="JobEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("kind", models.CharField(max_length=30)),
                ("source", models.CharField(max_length=10)),
                ("actor_name", models.CharField(default="", max_length=150)),
                ("message", models.TextField(default="")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="jobs.job",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="JobItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("key", models.TextField()),
                ("file_id", models.BigIntegerField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("processing", "Processing"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("message", models.TextField(default="")),
                ("result", models.JSONField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("lease_token", models.BigIntegerField(null=True)),
                ("slot", models.PositiveSmallIntegerField(null=True)),
                ("sequence", models.PositiveIntegerField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="jobs.job",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slot", models.PositiveSmallIntegerField()),
                ("token", models.BigIntegerField(null=True)),
                ("fenced", models.BooleanField(default=False)),
                ("host", models.CharField(default="", max_length=255)),
                ("machine", models.CharField(default="", max_length=100)),
                ("worker_pid", models.PositiveIntegerField(default=0)),
                ("worker_started", models.FloatField(default=0)),
                ("cluster_pid", models.PositiveIntegerField(default=0)),
                ("executor_pid", models.PositiveIntegerField(default=0)),
                ("executor_started", models.FloatField(default=0)),
                ("heartbeats", models.PositiveIntegerField(default=0)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("acquired_at", models.DateTimeField(null=True)),
                ("current_item", models.BigIntegerField(null=True)),
                ("current_since", models.FloatField(null=True)),
                ("first_position", models.PositiveIntegerField(null=True)),
                ("last_position", models.PositiveIntegerField(null=True)),
                ("succeeded", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("batch_succeeded", models.PositiveIntegerField(default=0)),
                ("batch_failed", models.PositiveIntegerField(default=0)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("busy_seconds", models.FloatField(default=0)),
                ("rate", models.FloatField(default=0)),
                ("item_seconds", models.FloatField(default=0)),
                ("streak", models.PositiveIntegerField(default=0)),
                ("streak_message", models.TextField(default="")),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leases",
                        to="jobs.job",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LibraryFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.TextField()),
                ("size", models.BigIntegerField()),
                ("mtime_ns", models.BigIntegerField()),
                ("modified", models.DateTimeField()),
                ("kind", models.CharField(max_length=20)),
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
                ("last_job_id", models.UUIDField(null=True)),
                ("memory", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["status", "path"], name="file_status_path")],
            },
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["-created_at", "-id"], name="job_newest"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["created_by", "-created_at"], name="job_owner_newest"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["status", "-created_at"], name="job_status_newest"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["deleted_at"],
                name="job_deleted",
            ),
        ),
        migrations.AddIndex(
            model_name="jobitem",
            index=models.Index(fields=["job", "position"], name="item_order"),
        ),
        migrations.AddIndex(
            model_name="jobitem",
            index=models.Index(fields=["job", "status", "position"], name="item_status_order"),
        ),
        migrations.AddIndex(
            model_name="jobitem",
            index=models.Index(
                condition=models.Q(("slot__isnull", False)),
                fields=["job", "slot", "sequence"],
                name="item_finished",
            ),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(
                condition=models.Q(("token__isnull", False)), fields=["token"], name="lease_held"
            ),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(fields=["machine", "worker_pid"], name="lease_worker"),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.UniqueConstraint(fields=("job", "slot"), name="lease_unique_slot"),
        ),
        migrations.AddConstraint(
            model_name="libraryfile",
            constraint=models.UniqueConstraint(fields=("path",), name="file_unique_path"),
        ),
        migrations.RunPython(prepare, undo),
    ]
