"""Repeats calls while the database is away for a moment: a restart, a failover, a full disk."""

import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError

from jobs.backends import LeaseStore
from jobs.conf import conf

logger = logging.getLogger(__name__)
T = TypeVar("T")


def with_retry(call: Callable[[], T], store: LeaseStore) -> T:
    """Call, and call again on a new connection while the database does not answer.

    Only for calls that may be repeated, as those of a LeaseStore. Raises the database's own
    error after JOBS_LEASE_SECONDS: another worker may have our items by then.
    """
    since = monotonic()
    pause = 0.05
    while True:
        try:
            return call()
        except (OperationalError, InterfaceError) as error:
            if monotonic() - since > conf.LEASE_SECONDS:
                raise
            logger.warning("The database does not answer, trying again: %s", error)
            sleep(pause)
            pause = min(1.0, 2 * pause)
            with suppress(Error):
                store.reconnect()
