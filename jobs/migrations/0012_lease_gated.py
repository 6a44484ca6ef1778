"""Leases whose workers start items without asking the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0011_warnings")]

    operations = [
        migrations.AddField("lease", "gated", models.BooleanField(default=False, db_default=False)),
    ]
