from django.db import migrations, models
from django.db.models import Max, OuterRef, Subquery


def rest_since_the_pause(apps, schema_editor):
    """Jobs that are paused now rest since their last pause; ended ones since their end."""
    events = apps.get_model("jobs", "JobEvent").objects.filter(job=OuterRef("pk"), kind="pause")
    last = events.order_by().values("job").annotate(at=Max("at")).values("at")
    apps.get_model("jobs", "Job").objects.filter(status="paused").update(rests_since=Subquery(last))


class Migration(migrations.Migration):
    """Since when a job rests and how long it has rested, which its duration leaves out."""

    dependencies = [("jobs", "0006_file_count")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="rested_seconds",
            field=models.FloatField(db_default=0.0, default=0.0),
        ),
        migrations.AddField(
            model_name="job",
            name="rests_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(fields=["machine", "warden_pid"], name="lease_worker"),
        ),
        migrations.RunPython(rest_since_the_pause, migrations.RunPython.noop),
    ]
