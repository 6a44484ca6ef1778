"""Django's admin, whose pages are registered only for URLs and checks.

Django's own configuration registers them at every start. Commands and clusters show no page and
start an eighth faster without them.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks

UNREGISTERED = frozenset(
    {
        # A schedule of django-q2 names any function, which a worker then runs, and showing a
        # stored task unpickles it in the web process. Our Workers page shows what people need.
        "django_q.schedule", "django_q.success", "django_q.failure", "django_q.ormq",
        # Logs that are not kept. Failed logins that still count are a page: deleting one unlocks.
        "axes.accesslog", "axes.accessfailurelog",
    }
)  # fmt: skip


class AdminConfig(SimpleAdminConfig):
    """`batchsite.urls` registers the pages."""

    def ready(self) -> None:
        # Instead of Django's, which would load the pages as well.
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_pages, checks.Tags.admin)


def register_pages() -> None:
    """Register the pages of all apps, except those of `UNREGISTERED` models. Safe to repeat."""
    admin.autodiscover()
    for model in list(admin.site._registry):
        if model._meta.label_lower in UNREGISTERED:
            admin.site.unregister(model)


def check_pages(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Django's check of the registered pages; registers them first."""
    register_pages()
    return list(check_admin_app(app_configs, **kwargs))
