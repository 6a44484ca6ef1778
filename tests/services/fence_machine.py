"""One worker, its heartbeat and a cancel as a state machine: no start after the answer.

The worker is "on another machine": its gate lies in a folder of its own. Every step is the
engine's own code on a real database; only time is the machine's. `Machine` draws when the worker
can reach the database, when it stands still in the middle of a start, and when a message is lost.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from time import time
from typing import Any
from unittest import mock

from django.test import override_settings
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from jobs import services
from jobs.backends import ClaimedItem, LeaseLost, current
from jobs.backends.gates import file
from jobs.conf import conf
from jobs.lifecycle import leases, stops
from jobs.models import Job
from jobs.processes import clock
from jobs.progress import status_object
from jobs.worker.fence_listener import acknowledge
from jobs.worker.heartbeat import Heartbeat
from jobs.worker.scoreboard import Scoreboard
from tests.support.folders import new_folder
from tests.support.worker import FakeWorker, finished

ITEMS = 24
BATCH = 8
STEPS = ("start", "start", "start", "beat", "hear", "tick", "cut", "cancel", "poll", "poll")
MEANWHILE = ("tick", "cancel", "poll")
SECONDS = st.sampled_from((0.01, 1.0, 3.0, 9.0))


class FenceMachine(RuleBasedStateMachine):
    """Fails if an item is started after the answer, or if the answer's numbers miss a start."""

    steps: tuple[str, ...] = STEPS

    @initialize()
    def begin(self) -> None:
        self.now = 1000.0
        self.here, self.elsewhere = conf.data_dir, Path(new_folder("elsewhere-"))
        self.patches = [mock.patch.object(clock, "steady", side_effect=lambda: self.now)]
        for patch in self.patches:
            patch.start()
        self.job = services.start_job("act", parameters={"count": ITEMS}, actor=services.Actor())
        self.board = Scoreboard()
        self.heartbeat = Heartbeat(self.board)
        self.worker = FakeWorker(self.job, permit=self.board.permit)
        self.board.lease_taken(self.worker.lease.pk, self.worker.lease.holder)
        self.board.set_listens(True)
        self.reachable = True
        self.waiting: list[ClaimedItem] = []
        self.running: list[ClaimedItem] = []
        """Started and not written; all but the last have ended."""
        self.started = 0
        self.stop: stops.Stop | None = None
        self.cancelled_at = 0.0
        self.answered = False
        self.beat()
        self.claim()

    def at(self, folder: Path) -> AbstractContextManager[Any]:
        """On the machine whose gates are in this folder."""
        return override_settings(DATA_DIR=folder)

    @rule(data=st.data())
    def step(self, data: Any) -> None:
        """One rule, not one for each: Hypothesis would leave out half of them each time."""
        self._do(data.draw(st.sampled_from(self.steps)), data)

    def _do(self, step: str, data: Any) -> None:
        getattr(self, step)(*([data] if step in ("start", "tick") else []))

    def tick(self, data: Any) -> None:
        self.now += data.draw(SECONDS)

    def cut(self) -> None:
        """The network is cut, or whole again."""
        self.reachable = not self.reachable

    def beat(self) -> None:
        if self.reachable:
            with self.at(self.elsewhere):
                self.heartbeat._send()

    def hear(self) -> None:
        """The listener hears of the fence; where it never does, the message was lost."""
        if self.reachable and self.stop is not None:
            with self.at(self.elsewhere):
                acknowledge(self.worker.store.token)

    def start(self, data: Any) -> None:
        """The executor starts the next item, at its gate or by the database."""
        store = self.worker.store
        if not self.waiting:
            self.claim()
            return
        if not (store.gated or self.reachable):
            return
        stands_still, write = data.draw(st.booleans()), file.write

        def interrupted(fd: int, *record: float) -> None:
            if stands_still:
                # The process is stopped after its check. Time passes elsewhere.
                with self.at(self.here):
                    for step in data.draw(st.lists(st.sampled_from(MEANWHILE), max_size=5)):
                        self._do(step, data)
            write(fd, *record)

        with self.at(self.elsewhere), mock.patch.object(file, "write", interrupted):
            begun = store.start(self.waiting[0], len(self.running), 0, time())
        if begun:
            self._started(self.waiting.pop(0))
            event("started after a standstill" if stands_still else "started")
        else:
            self.waiting = []

    def claim(self) -> None:
        """The next transaction of the worker: it writes the batch and claims another."""
        if not self.reachable:
            return
        with self.at(self.elsewhere):
            try:
                found = self.worker.finish_and_claim(*map(finished, self.running), size=BATCH)
            except LeaseLost:
                event("its lease was given to others")
                self.running, self.waiting = [], []
                return
        self.running, self.waiting = [], found[1:]
        if found:
            self._started(found[0])

    def _started(self, item: ClaimedItem) -> None:
        assert not self.answered, "an item was started after the cancel had answered"
        self.running.append(item)
        self.started += 1

    def cancel(self) -> None:
        if self.stop is None:
            with mock.patch.object(stops, "_wait"):
                services.cancel_job(self.job.pk, actor=services.Actor())
            self.stop, self.cancelled_at = stops.Stop([self.job.pk]), self.now

    def poll(self) -> None:
        if self.stop is None or self.answered:
            return
        elapsed = self.now - self.cancelled_at
        if self.stop.is_complete(elapsed) or elapsed > stops.LONGEST_LEASES * conf.LEASE_SECONDS:
            self.answered = True
            event("answered" + (" after a lease" if elapsed > conf.LEASE_SECONDS else ""))

    @invariant()
    def numbers_count_what_was_started(self) -> None:
        if not getattr(self, "answered", False):
            return
        progress = status_object(Job.objects.get(pk=self.job.pk)).progress
        held = self.job.leases.get().token is not None
        if held:  # otherwise its work counts as never started
            assert progress.processed + progress.in_flight == self.started

    def teardown(self) -> None:
        if not hasattr(self, "job"):
            return
        for patch in self.patches:
            patch.stop()
        self.worker.store.close()
        current().gates.discard(self.worker.store.token)
        leases.release(self.worker.lease.pk, self.worker.lease.holder, leases.Disposition())
        Job.objects.filter(pk=self.job.pk).delete()
