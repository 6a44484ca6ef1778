from django.db import migrations, models
from django.utils import timezone


def delete_what_was_being_deleted(apps, schema_editor):
    """Deletions that were cut short go on."""
    jobs = apps.get_model("jobs", "Job").objects.filter(preparation__kind="delete")
    jobs.update(deleted_at=timezone.now())


class Migration(migrations.Migration):
    """A deleted job is out of sight at once, and its rows are removed later."""

    dependencies = [("jobs", "0007_rests")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="deleted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["deleted_at"],
                name="job_deleted",
            ),
        ),
        migrations.RunPython(delete_what_was_being_deleted, migrations.RunPython.noop),
    ]
