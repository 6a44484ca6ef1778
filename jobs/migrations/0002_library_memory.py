from django.db import migrations, models

import jobs.models.fields
from jobs.library.search_index import index_of


def install(apps, schema_editor):
    index_of(schema_editor.connection).install()


def uninstall(apps, schema_editor):
    index_of(schema_editor.connection).uninstall()


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="jobitem",
            name="mtime_ns",
            field=jobs.models.fields.NanosecondsField(null=True),
        ),
        migrations.AddField(
            model_name="jobitem",
            name="size",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="libraryscan",
            name="held_back",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="libraryscan",
            name="known",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="libraryscan",
            name="mounted",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="libraryscan",
            name="mounts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="libraryscan",
            name="moved",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="libraryscan",
            name="newest_id",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="libraryscan",
            name="not_reached",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="libraryscan",
            name="unreached",
            field=models.JSONField(default=list),
        ),
        # SQLite replaces the table, and loses the triggers of the search index with it.
        migrations.RunPython(uninstall, install),
        migrations.AlterField(
            model_name="libraryfile",
            name="mtime_ns",
            field=jobs.models.fields.NanosecondsField(),
        ),
        migrations.RunPython(install, uninstall),
        migrations.CreateModel(
            name="RemovedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.TextField()),
                ("size", models.BigIntegerField()),
                ("mtime_ns", jobs.models.fields.NanosecondsField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unprocessed", "Unprocessed"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                        ],
                        max_length=11,
                    ),
                ),
                ("message", models.TextField()),
                ("last_job_id", models.UUIDField(null=True)),
                ("memory", models.JSONField()),
                ("file_id", models.BigIntegerField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["path"], name="removed_path"),
                    models.Index(fields=["size"], name="removed_size"),
                    models.Index(fields=["removed_at"], name="removed_at"),
                ],
            },
        ),
    ]
