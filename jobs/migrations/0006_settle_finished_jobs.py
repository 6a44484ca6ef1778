from django.db import migrations, models


def settle_finished(apps, schema_editor):
    """No signal is sent for jobs that had ended before."""
    jobs = apps.get_model("jobs", "Job").objects
    jobs.filter(finished_at__isnull=False).update(settled_at=models.F("finished_at"))


class Migration(migrations.Migration):
    dependencies = [("jobs", "0005_settlements")]

    operations = [migrations.RunPython(settle_finished, migrations.RunPython.noop)]
