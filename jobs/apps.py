"""The app: registers its system checks and schedules when Django is ready."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Batch jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jobs import checks  # noqa: F401  (registers itself)
        from jobs.schedules import ensure_schedules

        post_migrate.connect(ensure_schedules, sender=self, dispatch_uid="jobs.schedules")
