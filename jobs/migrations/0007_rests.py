from django.db import migrations, models


class Migration(migrations.Migration):
    """When a job rests and for how long it has rested, which its duration leaves out."""

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
    ]
