"""Creates what the first `make run` needs: the database, a sample library, the account `admin`."""

import os
import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from jobs.conf import conf
from jobs.library.sample import make_sample_library
from jobs.management.base import CommandFailure
from jobs.supervisor.supervised import Report

ADMIN = "admin"


def prepare_database(report: Report) -> None:
    """Apply the missing migrations. Raises CommandFailure when the database cannot be used."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            report("Preparing the database ...")
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise CommandFailure(error) from None


def prepare_library(report: Report) -> None:
    """Create the sample library if LIBRARY_ROOT is not set and it does not exist yet.

    Raises CommandFailure when the library folder is missing or cannot be read.
    """
    root = conf.library_root
    if root == conf.data_dir / "library" and not root.exists():
        count = make_sample_library(root)
        report(f"Made a sample library of {count} files in {root}.")
    try:
        os.scandir(root).close()
    except OSError as error:
        raise CommandFailure(
            f"The library folder {root} cannot be read ({error.strerror}). "
            "Set LIBRARY_ROOT to a folder that this account may read."
        ) from None


def prepare_account(report: Report) -> None:
    """Create the account `admin` if there is no account. A generated password is shown once.

    Raises CommandFailure for an ADMIN_PASSWORD that is easy to guess.
    """
    users = get_user_model().objects
    given = getattr(settings, "ADMIN_PASSWORD", "")
    password = given or secrets.token_urlsafe(12)
    with transaction.atomic():
        if users.exists():
            return
        _refuse_weak(given)
        users.create_superuser(ADMIN, password=password)
    shown = "in ADMIN_PASSWORD" if given else f"{password} (shown only this once)"
    report(f"Made the account “{ADMIN}” with the password {shown}.")
    if not settings.LOGIN_REQUIRED:
        report("Nobody needs to log in on this machine; the account is for /admin/.")


def _refuse_weak(given: str) -> None:
    try:
        if given:
            validate_password(given, get_user_model()(username=ADMIN))
    except ValidationError as error:
        raise CommandFailure(
            f"ADMIN_PASSWORD is too easy to guess. {' '.join(error.messages)} "
            "Choose another one, or leave it empty to have one generated."
        ) from None
