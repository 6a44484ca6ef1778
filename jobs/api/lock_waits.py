"""Limits how long the calls of a web server wait for locks in the database."""

from django.db import DEFAULT_DB_ALIAS, connections

from jobs import backends


def limit_lock_waits() -> None:
    """Set the limit for the connections that this process opens from now on.

    Without it a long change of the tables would keep every thread waiting, `/health` included.
    """
    options = connections[DEFAULT_DB_ALIAS].settings_dict["OPTIONS"]
    backends.current().add_web_options(options)
