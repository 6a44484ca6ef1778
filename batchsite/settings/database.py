"""SQLite in `DATA_DIR`, or what `DATABASE_URL` says."""

from typing import Any

import environ

from batchsite.settings import env
from batchsite.settings.base import DATA_DIR

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"

_SESSION = {
    # Whoever vanishes in the middle of a transaction must not keep its locks: others wait for them.
    "idle_in_transaction_session_timeout": "60s",
    # The server gives up a client that vanished without a word as the client does a server.
    "tcp_keepalives_idle": 20,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": "20s",
}
"""Settings of the server for each of our sessions; `options` of the address override them."""

_REMEDY = (
    "Write it like postgres://user:password@host:5432/name, "
    "or leave DATABASE_URL empty to use SQLite."
)


def database_from(url: str) -> dict[str, Any]:
    """Django's settings for a `sqlite:` or `postgres:` address.

    `postgres://user:pw@/name?host=/folder` reaches a server through its unix socket. Raises
    BadSetting, which never shows the address: it may hold a password.
    """
    if url.partition("://")[0] not in ("postgres", "postgresql", "sqlite"):
        raise env.BadSetting(
            "DATABASE_URL", None, "is the address of neither PostgreSQL nor SQLite", _REMEDY
        )
    try:
        found: dict[str, Any] = environ.Env.db_url_config(url)
    except (ValueError, TypeError):
        raise env.BadSetting("DATABASE_URL", None, "cannot be read", _REMEDY) from None
    if not found.get("NAME"):
        raise env.BadSetting("DATABASE_URL", None, "does not name a database", _REMEDY)
    return sqlite(found) if found["ENGINE"] == SQLITE else postgresql(found)


def kept(found: dict[str, Any]) -> dict[str, Any]:
    """Adds that connections stay open: django-q2 closes "old" ones before each of its tasks."""
    return {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, **found}


def sqlite(found: dict[str, Any]) -> dict[str, Any]:
    """The settings for a SQLite file that several processes write to at once."""
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
    return kept(found)


def postgresql(found: dict[str, Any]) -> dict[str, Any]:
    """The settings for a PostgreSQL server, on a host or a unix socket."""
    options = found.setdefault("OPTIONS", {})
    # Django's own names, so that `dbshell` and the test database see them too.
    for key in ("host", "port"):
        if key in options:
            found[key.upper()] = str(options.pop(key))
    options.setdefault("application_name", "batchsite")
    options.setdefault("connect_timeout", 10)
    # A server that vanished without a word is noticed within a minute, and within 20 seconds
    # by whoever waits for its answer.
    for key, value in (
        ("keepalives_idle", 20),
        ("keepalives_interval", 10),
        ("keepalives_count", 3),
        ("tcp_user_timeout", 20_000),
    ):
        options.setdefault(key, value)
    ours = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    # Of two values of one setting the server takes the later.
    options["options"] = f"{ours} {options.get('options', '')}".rstrip()
    return kept(found)


_url = env.text("DATABASE_URL")
DATABASES = {
    "default": database_from(_url)
    if _url
    else sqlite(
        {"ENGINE": SQLITE, "NAME": str(env.made_folder("DATA_DIR", DATA_DIR) / "db.sqlite3")}
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
