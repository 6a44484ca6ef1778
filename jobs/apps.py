"""The app: registers system checks and schedules when Django is ready."""

from django.apps import AppConfig
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate, pre_save


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Batch jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jobs import checks  # noqa: F401  (registers itself)
        from jobs.cluster.schedules import ensure_schedules
        from jobs.services.tokens import revoke_after_password_change

        pre_migrate.connect(_refuse_other_version, sender=self, dispatch_uid="jobs.history")
        pre_save.connect(
            revoke_after_password_change,
            sender=settings.AUTH_USER_MODEL,
            dispatch_uid="jobs.services.tokens",
        )
        post_migrate.connect(ensure_schedules, sender=self, dispatch_uid="jobs.cluster.schedules")


def _refuse_other_version(using: str, **_: object) -> None:
    """Stop `migrate` before it touches a database of another version."""
    from jobs.exceptions import OtherVersion
    from jobs.models.history import check_history

    try:
        check_history(connections[using])
    except OtherVersion as error:
        raise CommandError(error.message) from None
