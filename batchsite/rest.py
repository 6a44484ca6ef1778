"""Imports Django REST framework without packages that it would load only because they are there.

They take 15 MB and a tenth of a second, and nothing here uses them: the highlighting of its pages
(Pygments), its client for tests (Requests) and, on another database, PostgreSQL's field types.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.conf import settings


@contextmanager
def hidden(names: Iterable[str]) -> Iterator[None]:
    """Let imports of those packages fail that are not loaded yet, while open."""
    absent = [name for name in names if name not in sys.modules]
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(absent))  # None: an import fails
    try:
        yield
    finally:
        for name in absent:
            del modules[name]


def _unused() -> list[str]:
    engines = {database["ENGINE"] for database in settings.DATABASES.values()}
    on_postgresql = any("postg" in engine for engine in engines)
    return ["pygments", "requests"] + ([] if on_postgresql else ["django.contrib.postgres"])


with hidden(_unused()):
    import_module("rest_framework.compat")
