"""Chooses the backend of the database in use: the only place that asks which one it is."""

from functools import cache
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from jobs.backends.base import Backend


def current() -> Backend:
    """The backend of the default database. Raises ImproperlyConfigured if there is none."""
    return load_backend(connection.vendor)


@cache
def load_backend(vendor: str) -> Backend:
    """The `backend` of the package `jobs.backends.<vendor>`."""
    name = f"jobs.backends.{vendor}"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise  # something that the backend itself needs
        message = f"Jobs need SQLite or PostgreSQL; there is no backend for {vendor}."
        raise ImproperlyConfigured(message) from None
    backend: Backend = module.backend
    return backend
