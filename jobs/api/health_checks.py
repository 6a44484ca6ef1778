"""Checks what a job needs. The result of a check is "ok" or a sentence; none ever raises."""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future

from django.db import Error, connection
from django_q.brokers import get_broker
from django_q.conf import Conf

from jobs import backends
from jobs.cluster.registry import fetch_live_clusters
from jobs.conf import conf
from jobs.progress.write_probe import cause_of_absence, cause_of_standstill, write_trouble

logger = logging.getLogger(__name__)

OK = "ok"
TIMEOUT_SECONDS = 3.0
"""A broker or network folder that does not answer within this time counts as offline."""
LOCK_WAIT_SECONDS = 1.0
"""A check that reads the database waits this long for a lock."""


class CheckFailed(Exception):
    """A check's sentence."""


def checks() -> dict[str, str]:
    """The checks `database`, `broker`, `cluster` and `library`, in a few seconds at most.

    A database that does not answer takes as long as its driver waits for a connection.
    """
    return {
        "database": _result_of(lambda: _bounded(_database)),
        "broker": _result_of(
            lambda: _bounded(_broker) if Conf.ORM else _with_timeout("broker", _broker)
        ),
        "cluster": _result_of(lambda: _bounded(_cluster)),
        "library": _result_of(lambda: _with_timeout("library", _library)),
    }


def _result_of(check: Callable[[], None]) -> str:
    try:
        check()
    except CheckFailed as failure:
        return str(failure)
    except Error as error:
        return backends.current().diagnose(error) or "The database does not answer."
    except Exception as error:  # noqa: BLE001  (every broker and file system has its own)
        logger.warning("A health check failed: %s", error)
        return f"This does not answer: {type(error).__name__}."
    return OK


def _bounded(check: Callable[[], None]) -> None:
    """Run a check that reads the database, which may be locked."""
    with backends.current().bounded_lock_waits(LOCK_WAIT_SECONDS):
        check()


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    # A cluster reports its presence in the database: one that takes no changes hides it.
    works = fetch_live_clusters()
    if trouble := write_trouble(wait=TIMEOUT_SECONDS) if works else cause_of_standstill():
        raise CheckFailed(trouble)


def _broker() -> None:
    """If the database is the broker, its table of messages."""
    broker = get_broker()
    if not broker.ping():
        raise CheckFailed("The message broker does not answer.")
    broker.queue_size()


def _cluster() -> None:
    if fetch_live_clusters():
        return
    if cause_of_absence():
        raise CheckFailed("Not known: no cluster could report its presence to the database.")
    raise CheckFailed("No worker is running. Start one: manage.py runcluster")


def _library() -> None:
    root = conf.library_root
    try:
        with os.scandir(root) as entries:
            next(entries, None)
    except FileNotFoundError:
        raise CheckFailed("The library folder does not exist. Was its disk unmounted?") from None
    except OSError as error:
        raise CheckFailed(f"The library folder cannot be read: {error.strerror}.") from None


_running: dict[str, Future[None]] = {}
_lock = threading.Lock()


def _with_timeout(name: str, check: Callable[[], None]) -> None:
    """Run a check that may hang forever in a thread. Raises CheckFailed, or the check's error.

    While one hangs no other is started: a dead network folder must not take all threads.
    """
    with _lock:
        future = _running.get(name)
        if future is None or future.done():
            future = _running[name] = Future()
            threading.Thread(target=_run, args=(future, check), daemon=True, name=name).start()
    try:
        future.result(timeout=TIMEOUT_SECONDS)
    except TimeoutError:
        sentence = f"The {name} has not answered for {TIMEOUT_SECONDS:g} seconds."
        raise CheckFailed(sentence) from None


def _run(future: Future[None], check: Callable[[], None]) -> None:
    try:
        check()
    except Exception as error:  # noqa: BLE001  (raised again by `_with_timeout`)
        future.set_exception(error)
    else:
        future.set_result(None)
