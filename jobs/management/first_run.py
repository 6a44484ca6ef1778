"""What the first `make run` makes: the database, a sample library, the account `admin`."""

import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from jobs import conf
from jobs.library.sample import make_sample_library
from jobs.supervision.keeper import Report

ADMIN = "admin"


def prepare_database(report: Report) -> None:
    """Brings the tables up to date. Raises CommandError when the database cannot be used."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            report("Preparing the database ...")
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        reason = " ".join(str(error).split())
        raise CommandError(
            f"The database cannot be used: {reason}. Check DATABASE_URL, and that the server runs."
            if connection.vendor != "sqlite"
            else f"The database {connection.settings_dict['NAME']} cannot be used: {reason}."
        ) from None


def prepare_library(report: Report) -> None:
    """Makes the sample library when no other folder was asked for and it is not there yet.

    Raises CommandError when the folder of the library is missing or cannot be read.
    """
    root = conf.library_root()
    if root == conf.data_dir() / "library" and not root.exists():
        report(f"Made a sample library of {_make_sample(root)} files in {root}.")
    try:
        with os.scandir(root):
            return
    except OSError as error:
        raise CommandError(
            f"The library folder {root} cannot be read ({error.strerror}). "
            "Set LIBRARY_ROOT to a folder that this account may read."
        ) from None


def _make_sample(root: Path) -> int:
    """The number of files. Under its own name only when it is whole, however often it is begun."""
    unfinished = root.with_name(f"{root.name}.unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    count = make_sample_library(unfinished)
    unfinished.rename(root)
    return count


def prepare_account(report: Report) -> None:
    """Makes the account `admin` where no account is; a generated password is told only now."""
    users = get_user_model().objects
    with transaction.atomic():
        if users.exists():
            return
        given = os.environ.get("ADMIN_PASSWORD", "")
        password = given or secrets.token_urlsafe(12)
        users.create_superuser(ADMIN, password=password)
    if given:
        report(f"Made the account “{ADMIN}” with the password in ADMIN_PASSWORD.")
    else:
        report(f"Made the account “{ADMIN}” with the password {password} (shown only this once).")
    if not settings.LOGIN_REQUIRED:
        report("Nobody needs to log in on this machine; the account is for /admin/.")
