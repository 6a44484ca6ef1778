"""Django signals for other code: send a mail or call a webhook when something happened to a job.

Each is sent once the change is committed, in the process that made it, with `sender=Job`
and `job`, the row as it is then:

    job_started    job, source         somebody has started it: in their own process
    job_cancelled  job, source         likewise; started items may still be running
    job_finished   job                 completed or failed: in a worker, or in its cluster
    item_failed    job, path, message  in the worker that ran the item, or that found it dead

`source` is "page", "api", "admin", "command" or "engine".

At most once: a process that is killed between the commit and the signal sends none. What a
receiver raises is logged by Django and disturbs nobody; but it runs where the work is
done, so anything slow belongs into a task of its own.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.dispatch import Signal

job_started = Signal()
job_cancelled = Signal()
job_finished = Signal()
item_failed = Signal()


def send_on_commit(signal: Signal, sender: type, values: Callable[[], dict[str, Any]]) -> None:
    """Send the signal with `values()` once the current transaction is committed.

    At once where there is none. Costs nothing where nobody listens; never raises.
    """
    if signal.has_listeners(sender):
        transaction.on_commit(lambda: _send(signal, sender, values), robust=True)


def _send(signal: Signal, sender: type, values: Callable[[], dict[str, Any]]) -> None:
    signal.send_robust(sender, **values())
