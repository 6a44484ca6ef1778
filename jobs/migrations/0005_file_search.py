from django.db import migrations

from jobs.library import searchindex


def make(apps, schema_editor):
    searchindex.install(schema_editor.connection)


def remove(apps, schema_editor):
    searchindex.uninstall(schema_editor.connection)


class Migration(migrations.Migration):
    """The index that searches for a part of a path use, with the triggers that keep it true."""

    dependencies = [("jobs", "0004_library_scan")]

    operations = [migrations.RunPython(make, remove)]
