from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0008_api_tokens")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="added_parameters",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
    ]
