"""Django signals: send a mail or call a webhook when something happens to a job.

Each is sent once the change is committed, in the process that made it, with `sender=Job`
and `job`, the row as it is then:

    job_started    job, source         after a start, in the process of the caller
    job_cancelled  job, source         likewise; items in flight may still run, and numbers change
    job_finished   job                 completed or failed; in a worker, or in its cluster
    job_settled    job, settlement, …  completed, cancelled or failed, and nothing is in flight:
                                       the numbers are final
    item_failed    job, path, message  in the worker that ran the item, or that rescued its lease

`source` is "page", "api", "admin", "command" or "engine". `job_settled` also has `status`, `total`,
`succeeded`, `failed` and `skipped` of this end; a resume or retry may have changed the row since.

`job_settled` is sent once for each end. Only if the process dies before all receivers have
returned, a sweep sends it again, with the same number `settlement`: a receiver that must not do
its work twice remembers that number. The others are sent at most once: a process that is killed
between the commit and the signal sends none.

Django logs what a receiver raises. A receiver runs where the work is done, so slow actions belong
in a task of their own.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.dispatch import Signal

job_started = Signal()
job_cancelled = Signal()
job_finished = Signal()
job_settled = Signal()
item_failed = Signal()


def send_on_commit(signal: Signal, sender: type, values: Callable[[], dict[str, Any]]) -> None:
    """Send the signal with `values()` once the current transaction is committed.

    Sends at once if there is no transaction. Costs nothing without receivers; never raises.
    """
    if signal.has_listeners(sender):
        transaction.on_commit(lambda: _send(signal, sender, values), robust=True)


def _send(signal: Signal, sender: type, values: Callable[[], dict[str, Any]]) -> None:
    signal.send_robust(sender, **values())
