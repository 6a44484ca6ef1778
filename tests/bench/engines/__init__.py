"""What is compared: one module each, all with the interface of `base.Engine`."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from tests.bench.engines.base import Engine

LOOP, RAW, RAW_50, OURS = "loop", "raw", "raw_50", "batchsite"
LIBRARY = "batchsite_library"
RAW_DURABLE = "raw_durable"
LIBRARIES = ("django_q", "celery", "rq", "huey", "dramatiq", "procrastinate")

PACKAGES = {"django_q": "django-q2", **{name: name for name in LIBRARIES[1:]}}

STACKS = {
    "sqlite": "SQLite + ORM broker",
    "postgresql": "PostgreSQL + ORM broker",
    "valkey": "PostgreSQL + Valkey",
}

MEASURED = {
    "sqlite": (LOOP, RAW_50, RAW, OURS, LIBRARY, "django_q", "celery", "rq", "huey", "dramatiq"),
    "postgresql": (RAW_50, RAW, RAW_DURABLE, OURS, LIBRARY, "django_q", "procrastinate"),
    "valkey": (OURS, LIBRARY, "django_q", "celery", "rq", "huey", "dramatiq"),
}
"""What makes sense where. Celery, RQ and Dramatiq have no database as broker: on SQLite they
use Valkey beside it; Huey uses its own SQLite file there."""


def engine_class(name: str) -> type[Engine]:
    """The class of an engine; imports its library."""
    module = {RAW_50: RAW, RAW_DURABLE: RAW, LIBRARY: OURS}.get(name, name)
    found = import_module(f"tests.bench.engines.{module}")
    return found.ENGINES[name]


def installed(name: str) -> str | None:
    """The version of the engine's package, "" for one that needs none, None if it is missing."""
    if name not in PACKAGES:
        return ""
    try:
        return version(PACKAGES[name])
    except PackageNotFoundError:
        return None
