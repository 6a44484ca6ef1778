"""Django's admin, whose pages are registered only for URLs and checks.

Django's own configuration registers them at every start. Commands and clusters show no page and
start an eighth faster without them.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class AdminConfig(SimpleAdminConfig):
    """`batchsite.urls` registers the pages."""

    def ready(self) -> None:
        # Instead of Django's, which would load the pages as well.
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_pages, checks.Tags.admin)


def check_pages(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Django's check of the registered pages; registers them first."""
    autodiscover()
    return list(check_admin_app(app_configs, **kwargs))
