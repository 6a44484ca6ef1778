from django.db import migrations

from jobs.library import filecount


def make(apps, schema_editor):
    filecount.install(schema_editor.connection)


def remove(apps, schema_editor):
    filecount.uninstall(schema_editor.connection)


class Migration(migrations.Migration):
    """The number of library files, with the triggers that keep it."""

    dependencies = [("jobs", "0005_file_search")]

    operations = [migrations.RunPython(make, remove)]
