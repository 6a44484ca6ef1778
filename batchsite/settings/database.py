"""SQLite in `DATA_DIR`, or the database of `DATABASE_URL`."""

from typing import Any

import environ

from batchsite.settings import env
from batchsite.settings.base import DATA_DIR

SQLITE = "django.db.backends.sqlite3"

_SESSION = {
    # A client that disappears in the middle of a transaction must not keep its locks.
    "idle_in_transaction_session_timeout": "60s",
    # The server drops a client that disappeared silently, as the client drops a server.
    "tcp_keepalives_idle": 20,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": "20s",
}
"""Settings of the server for each of our sessions; `options` in the URL override them."""

_KEPT = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
"""Keep connections open: django-q2 closes "old" ones before each of its tasks."""

_REMEDY = (
    "Write it like postgres://user:password@host:5432/name, "
    "or leave DATABASE_URL empty to use SQLite."
)


def database_from(url: str) -> dict[str, Any]:
    """Django's settings for a `sqlite:` or `postgres:` URL.

    `postgres://user:pw@/name?host=/folder` reaches a server through its unix socket. Raises
    BadSetting, which never shows the URL: it may contain a password.
    """
    if url.partition("://")[0] not in ("postgres", "postgresql", "sqlite"):
        problem = "is the URL of neither PostgreSQL nor SQLite"
        raise env.BadSetting("DATABASE_URL", None, problem, _REMEDY)
    try:
        found: dict[str, Any] = environ.Env.db_url_config(url)
    except (ValueError, TypeError):
        raise env.BadSetting("DATABASE_URL", None, "cannot be read", _REMEDY) from None
    if not found.get("NAME"):
        raise env.BadSetting("DATABASE_URL", None, "does not name a database", _REMEDY)
    return sqlite(found) if found["ENGINE"] == SQLITE else postgresql(found)


def sqlite(found: dict[str, Any]) -> dict[str, Any]:
    """The settings of a SQLite file that several processes write to."""
    found["OPTIONS"] = {
        # A transaction takes the write lock when it begins, where waiting for it is possible.
        # A deferred one takes it at its first write and then fails at once, as "locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
            "PRAGMA cache_size=-16000; PRAGMA journal_size_limit=67108864"
        ),
        **found.get("OPTIONS", {}),
    }
    return {**_KEPT, **found}


def postgresql(found: dict[str, Any]) -> dict[str, Any]:
    """The settings for a PostgreSQL server, on a host or a unix socket."""
    found["OPTIONS"] = options = {
        "application_name": "batchsite",
        "connect_timeout": 10,
        # A server that disappeared silently is noticed within a minute, and within 20 seconds
        # while waiting for its answer.
        "keepalives_idle": 20,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
        **found.get("OPTIONS", {}),
    }
    # Django's own names, so that `dbshell` and the test database see them too.
    for key in {"host", "port"} & options.keys():
        found[key.upper()] = str(options.pop(key))
    ours = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    # The server uses the later of two values.
    options["options"] = f"{ours} {options.get('options', '')}".rstrip()
    return {**_KEPT, **found}


_url = env.text("DATABASE_URL")
if _url:
    DATABASES = {"default": database_from(_url)}
else:
    _file = env.created_folder("DATA_DIR", DATA_DIR) / "db.sqlite3"
    DATABASES = {"default": sqlite({"ENGINE": SQLITE, "NAME": str(_file)})}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
