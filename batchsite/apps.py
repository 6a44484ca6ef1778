"""Django's admin, which registers its pages for its addresses and checks only.

Django's own configuration does so at every start. Commands and clusters, which show no page, start
an eighth quicker without.
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
        # In place of Django's, which would look at the pages as well.
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_pages, checks.Tags.admin)


def check_pages(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Django's check of the registered pages, whatever has been asked for before it."""
    autodiscover()
    return list(check_admin_app(app_configs, **kwargs))
