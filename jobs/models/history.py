"""Recognises a database that another version has created: its migrations are not ours."""

from pathlib import Path
from pkgutil import iter_modules

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from jobs.exceptions import OtherVersion

_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def check_history(connection: BaseDatabaseWrapper) -> None:
    """Raise OtherVersion for a database with migrations of `jobs` that do not exist here.

    Reads only; does nothing for an empty database.
    """
    applied = {
        name for app, name in MigrationRecorder(connection).applied_migrations() if app == "jobs"
    }
    unknown = applied - {module.name for module in iter_modules([str(_MIGRATIONS)])}
    if unknown:
        raise OtherVersion(name=connection.settings_dict["NAME"])
