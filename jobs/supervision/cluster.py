"""Keeps a django-q cluster working: one that lives but takes no work is replaced.

django-q2's pool can be dead while its processes live: an idle worker that is killed may take
the lock of the task queue with it, and then no other worker ever gets a task.
"""

import logging
from collections.abc import Callable

from jobs.supervision.decisions import StuckWatch
from jobs.supervision.group import Group
from jobs.supervision.keeper import Keeper, Report
from jobs.supervision.lookout import Lookout

log = logging.getLogger(__name__)


class ClusterKeeper(Keeper):
    """Adds the replacement of a stuck cluster to `Keeper`.

    `replaced(reason)` is told of each replacement, in one sentence.
    """

    def __init__(
        self,
        group: Group,
        *,
        report: Report,
        lookout: Lookout,
        watch: StuckWatch,
        replaced: Callable[[str], None],
    ) -> None:
        super().__init__(group, report=report)
        self._lookout = lookout
        self._watch = watch
        self._replaced = replaced

    def start(self) -> None:
        self._watch.forget()
        super().start()
        self._lookout.start()

    def ask_to_stop(self) -> None:
        self._lookout.stop()
        super().ask_to_stop()

    def step(self) -> None:
        super().step()
        sight = self._lookout.take()
        if sight is None or not self.group.is_running:
            return
        if self._watch.is_stuck(waiting=sight.waiting, claims=sight.claims):
            self._replace()

    def _replace(self) -> None:
        seconds = self._watch.current_patience_seconds
        reason = f"Work waited for {seconds:g} seconds and no worker took any"
        self._report(f"{reason}; the cluster is replaced.")
        # Nobody works, so there is nothing to wait for, and a stuck pool does not hear SIGTERM.
        self.group.end(grace_seconds=0)
        self._watch.replaced()
        self.start()
        try:
            self._replaced(reason)
        except Exception:
            log.exception("The replacement of the cluster could not be recorded")
