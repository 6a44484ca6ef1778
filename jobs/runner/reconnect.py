"""Sits out a database that is away for a moment: a restart, a failover, a full disk."""

import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError

from jobs import conf
from jobs.ledger import Ledger

logger = logging.getLogger(__name__)
T = TypeVar("T")


def patiently(call: Callable[[], T], ledger: Ledger) -> T:
    """Call, and call again on a new connection while the database does not answer.

    Only for calls that may be repeated, as those of the ledger. Gives up with the
    database's own error after JOBS_LEASE_SECONDS: by then others may have our items.
    """
    since = monotonic()
    pause = 0.05
    while True:
        try:
            return call()
        except (OperationalError, InterfaceError) as error:
            if monotonic() - since > conf.get("LEASE_SECONDS"):
                raise
            logger.warning("The database does not answer, trying again: %s", error)
            sleep(pause)
            pause = min(1.0, 2 * pause)
            with suppress(Error):
                ledger.reconnect()
