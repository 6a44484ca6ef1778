"""Counts the warnings of each lease, and indexes what has a message."""

from django.db import migrations, models

WITH_MESSAGE = ~models.Q(message="")

COUNT = """
UPDATE jobs_lease SET warnings = (
    SELECT count(*) FROM jobs_jobitem AS item
    WHERE item.job_id = jobs_lease.job_id AND item.status = 'succeeded'
        AND NOT item.message = '' AND item.slot = jobs_lease.slot
)
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0010_lease_served_at")]

    operations = [
        migrations.AddField(
            model_name="lease",
            name="warnings",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="jobitem",
            index=models.Index(
                condition=WITH_MESSAGE,
                fields=["job", "status", "position"],
                name="item_message_order",
            ),
        ),
        migrations.AddIndex(
            model_name="libraryfile",
            index=models.Index(
                condition=WITH_MESSAGE, fields=["status", "path"], name="file_message_path"
            ),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
