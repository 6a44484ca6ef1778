"""Leases whose workers start items without asking the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0013_outcomes")]

    operations = [
        migrations.AddField("lease", "gated", models.BooleanField(default=False, db_default=False)),
    ]
