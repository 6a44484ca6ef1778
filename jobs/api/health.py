"""Is everything there that a job needs? Each check is "ok" or a sentence; none ever raises."""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future

from django.db import Error, connection
from django_q.brokers import get_broker
from django_q.conf import Conf

from jobs import conf
from jobs.clusters import live_clusters

logger = logging.getLogger(__name__)

OK = "ok"
PATIENCE_SECONDS = 3.0
"""A broker or a network folder that says nothing for so long counts as gone."""


class Unwell(Exception):
    """A check's sentence."""


def checks() -> dict[str, str]:
    """The checks `database`, `broker`, `cluster` and `library`, in a few seconds at most.

    A database that does not answer costs what its driver waits for a connection.
    """
    return {
        "database": _told(_database),
        "broker": _told(_broker if Conf.ORM else lambda: _within_patience("broker", _broker)),
        "cluster": _told(_cluster),
        "library": _told(lambda: _within_patience("library", _library)),
    }


def _told(check: Callable[[], None]) -> str:
    try:
        check()
    except Unwell as found:
        return str(found)
    except Error:
        return "The database does not answer."
    except Exception as error:  # noqa: BLE001  (every broker and file system has its own)
        logger.warning("The health check found: %s", error)
        return f"This does not answer: {type(error).__name__}."
    return OK


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _broker() -> None:
    """With the database as broker, its table of messages."""
    broker = get_broker()
    if not broker.ping():
        raise Unwell("The message broker does not answer.")
    broker.queue_size()


def _cluster() -> None:
    if not live_clusters().exists():
        raise Unwell("No worker is running. Start one: manage.py runcluster")


def _library() -> None:
    root = conf.library_root()
    try:
        with os.scandir(root) as entries:
            next(entries, None)
    except FileNotFoundError:
        raise Unwell("The library folder does not exist. Was its disk unmounted?") from None
    except OSError as error:
        raise Unwell(f"The library folder cannot be read: {error.strerror}.") from None


_waiting: dict[str, Future[None]] = {}
_lock = threading.Lock()


def _within_patience(name: str, check: Callable[[], None]) -> None:
    """Run a check that may hang for ever beside this request. Raises what it raises, or Unwell.

    While one hangs no other is started: a dead network folder must not eat all threads.
    """
    with _lock:
        future = _waiting.get(name)
        if future is None or future.done():
            future = _waiting[name] = Future()
            threading.Thread(target=_run, args=(future, check), daemon=True, name=name).start()
    try:
        future.result(timeout=PATIENCE_SECONDS)
    except TimeoutError:
        raise Unwell(f"The {name} has not answered for {PATIENCE_SECONDS:g} seconds.") from None


def _run(future: Future[None], check: Callable[[], None]) -> None:
    try:
        check()
    except Exception as error:  # noqa: BLE001  (raised again where it is waited for)
        future.set_exception(error)
    else:
        future.set_result(None)
