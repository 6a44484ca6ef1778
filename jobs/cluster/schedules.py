"""Periodic tasks: rows of django-q2's scheduler, which every cluster reads."""

from datetime import timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone
from django_q.models import Schedule

PRUNE = "batchsite: delete old jobs"


def ensure_schedules(*, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Create missing schedules; called after each `migrate`, safe to repeat.

    A schedule that exists stays as it is.
    """
    if Schedule._meta.db_table not in connections[using].introspection.table_names():
        return  # only some apps were migrated
    Schedule.objects.using(using).get_or_create(
        name=PRUNE,
        defaults={
            "func": "jobs.tasks.prune",
            "schedule_type": Schedule.DAILY,
            "repeats": -1,
            "next_run": timezone.now() + timedelta(days=1),
        },
    )
