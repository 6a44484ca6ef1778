from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0009_added_parameters")]

    operations = [
        migrations.AddField(
            model_name="lease",
            name="served_at",
            field=models.DateTimeField(null=True),
        ),
    ]
