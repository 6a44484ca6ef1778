"""Another database and broker for the test's own process than those of the test run.

With it a test calls services and the ORM on the very database that real clusters work on.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.test import override_settings
from django_q.conf import Conf

from batchsite.settings.database import SQLITE, database_from, sqlite
from jobs.operations import Operation, registry


@contextmanager
def site_in_process(environment: dict[str, str], **more: Any) -> Iterator[None]:
    """Settings, database, broker and test operations of the site with this environment."""
    url, redis_url = environment["DATABASE_URL"], environment["REDIS_URL"]
    data_dir = Path(environment["DATA_DIR"])
    found = (
        database_from(url)
        if url
        else sqlite({"ENGINE": SQLITE, "NAME": str(data_dir / "db.sqlite3")})
    )
    broker = (
        {"BROKER_CLASS": "jobs.cluster.brokers.RedisBroker", "REDIS": redis_url}
        if redis_url
        else {"BROKER_CLASS": "jobs.cluster.brokers.ORMBroker"}
    )
    with ExitStack() as exits:
        exits.enter_context(default_database(found))
        exits.enter_context(with_test_operations())
        exits.enter_context(override_settings(DATA_DIR=data_dir, **more))
        for name, value in broker.items():
            # Settings that django-q2 has copied when it was imported.
            exits.enter_context(mock.patch.object(Conf, name, value))
        yield


@contextmanager
def default_database(found: dict[str, Any]) -> Iterator[None]:
    """Makes this the `default` database, in new threads too."""
    before = connections.settings["default"]
    own = connections["default"]
    configured = connections.configure_settings({"default": found})["default"]
    connections.settings["default"] = configured
    del connections["default"]
    ContentType.objects.clear_cache()  # their ids differ from database to database
    try:
        yield
    finally:
        ContentType.objects.clear_cache()
        connections["default"].close()
        connections.settings["default"] = before
        connections["default"] = own


@contextmanager
def with_test_operations() -> Iterator[None]:
    """Registers the operations of the test app, which only programs with EXTRA_APPS know."""
    registry.discover()
    known = dict(registry._operations)
    from tests.testapp import operations

    for found in vars(operations).values():
        if isinstance(found, type) and issubclass(found, Operation) and found.name:
            registry._operations[found.name] = found()
    try:
        yield
    finally:
        registry._operations.clear()
        registry._operations.update(known)
