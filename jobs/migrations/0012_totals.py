"""Sums up an operation's own numbers in each lease."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0011_warnings")]

    operations = [
        migrations.AddField(
            model_name="lease",
            name="totals",
            field=models.TextField(db_default="", default=""),
        ),
    ]
