"""Start, cancel, pause, resume, retry, work, death and late writes, in any order.

Hypothesis plays many sequences of steps on real transactions of both databases, each
worker on a connection of its own, and compares everything with a model of the contract.
"""

import os
from copy import copy, deepcopy
from dataclasses import asdict
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from jobs import services
from jobs.backends import job_totals
from jobs.exceptions import JobNotActive, JobsError
from jobs.lifecycle import transitions
from jobs.lifecycle.preparation import PreparationLost, prepare_batch
from jobs.lifecycle.recovery import StallDetector, rescue_lease, sweep
from jobs.models import Job, JobItem
from jobs.progress import progress_of
from tests.services.model import JobModel
from tests.services.model_preparation import Item, Preparation
from tests.services.working import OUTCOMES, Runner
from tests.support.invariants import Reader, adds_up

ME = services.Actor()
FEW = 2
"""More items than this are set back step by step."""
EXAMPLES = int(os.environ.get("STATEFUL_EXAMPLES", "25"))
STEPS = (
    "work", "work", "work", "work_through", "ask", "ask", "die", "prepare", "prepare", "sweep",
    "look_whether_done", "read",
)  # fmt: skip
CALLS = ("cancel", "pause", "resume", "retry")


class Machine(RuleBasedStateMachine):
    """The engine is on the left, the model on the right."""

    @initialize(count=st.integers(1, 6))
    def start(self, count: int) -> None:
        with override_settings(JOBS_INLINE_ITEMS=count):
            self.job = services.start_job("act", parameters={"count": count}, actor=ME)
        assert self.job.prepared
        self.model = JobModel([Item() for _ in range(count)])
        self.reader = Reader(self.job)
        self.preparers: list[tuple[Job, Preparation]] = []
        self.runners = [Runner(self.job, number, self.model) for number in range(3)]

    @rule(step=st.sampled_from(STEPS), data=st.data())
    def step(self, step: str, data: Any) -> None:
        """One rule, not one for each: Hypothesis would leave out half of them each time."""
        getattr(self, step)(data)

    def ask(self, data: Any) -> None:
        """A person cancels, pauses, resumes or retries; most try what is possible."""
        allowed = [call for call in CALLS if self._allows(deepcopy(self.model), call)]
        tried = data.draw(st.sampled_from([*allowed * 3, *CALLS]))
        expected = self._allows(self.model, tried)
        refusal = JobNotActive if tried == "cancel" else JobsError
        try:
            getattr(services, f"{tried}_job")(self.job.pk, actor=ME)
            done = True
        except refusal:
            done = False
        assert done == expected
        event(f"{tried}: {'done' if done else 'refused'}")

    def _allows(self, model: JobModel, call: str) -> bool:
        return bool(getattr(model, call)(*([FEW] if call in ("resume", "retry") else [])))

    def work(self, data: Any) -> None:
        """Workers take steps. Those that have lost their place and do not know it do, too."""
        for _ in range(data.draw(st.integers(1, 6))):
            steps = [step for runner in self.runners for step in runner.steps()]
            data.draw(st.sampled_from(steps))(data)
            self.the_books_agree()

    def work_through(self, data: Any) -> None:
        """Somebody new does all that can be had."""
        want = data.draw(st.integers(1, 6))
        runner = Runner(self.job, len(self.runners), self.model)
        self.runners.append(runner)
        runner.acquire()
        if runner.lease is not None and runner.may_work:
            runner.finish_and_claim(want)
            while runner.worker.current is not None:
                runner.finish_item(data.draw(OUTCOMES))
                if runner.worker.waiting:
                    runner.start_next()
                else:
                    runner.finish_and_claim(want)
                self.the_books_agree()
        if runner.lease is not None:
            runner.leave()

    def die(self, data: Any) -> None:
        """One is presumed dead. If it is not, everything it does from now on is a late write."""
        runners = [runner for runner in self.runners if runner.lease and not runner.worker.lost]
        if not runners:
            return
        runner, charge = data.draw(st.sampled_from(runners)), data.draw(st.booleans())
        released = rescue_lease(runner.held, reason="it died", count_attempt=charge)
        assert released is not None
        event("gave back " + ("a running item" if released.item else "nothing that ran"))
        self.model.release_lease(runner.worker, count_attempt=charge)
        self.model.complete_if_done()
        self.runners.append(Runner(self.job, len(self.runners), self.model))

    def prepare(self, data: Any) -> None:
        """Who began with it may come back after others have carried on: that changes nothing."""
        if self.model.preparation is not None:
            job = Job.objects.get(pk=self.job.pk)
            self.preparers.append((job, copy(self.model.preparation)))
        if not self.preparers:
            return
        last = len(self.preparers) - 1
        number = data.draw(st.just(last) | st.integers(0, last))
        (job, known), size = self.preparers.pop(number), data.draw(st.integers(1, 2))
        allowed = self.model.runnable and known == self.model.preparation
        try:
            prepare_batch(job, size)
            done = True
        except PreparationLost:
            done = False
            self.preparers.append((job, known))
        assert done == allowed
        event(f"prepared by one who knows how far it is: {done}")
        if done:
            self.model.prepare(size)
            if self.model.preparation is not None:
                self.preparers.append((job, copy(self.model.preparation)))

    def sweep(self, data: Any) -> None:
        assert sweep(StallDetector()) == 0
        if not self.model.workers:
            self.model.complete_if_done()

    def look_whether_done(self, data: Any) -> None:
        assert transitions.complete_if_done(self.job.pk) == self.model.complete_if_done()

    def read(self, data: Any) -> None:
        self.reader.read()

    @invariant()
    def the_books_agree(self) -> None:
        if not hasattr(self, "job"):
            return
        job = Job.objects.get(pk=self.job.pk)
        assert job.status == self.model.status
        found = asdict(progress_of(job, job_totals([job.pk])[job.pk]))
        assert adds_up(found)
        assert self.model.numbers().items() <= found.items()
        items = JobItem.objects.filter(job=self.job).order_by("position")
        rows = list(items.values_list("status", "attempts", "lease_token"))
        for item, (status, attempts, claim) in zip(self.model.items, rows, strict=True):
            assert (item.status, item.attempts) == (
                status.replace("processing", "pending"),
                attempts,
            )
            assert (item.holder is None) == (claim is None)

    def teardown(self) -> None:
        if not hasattr(self, "job"):
            return
        seen = self.reader.read_all()
        for position, item in enumerate(self.model.items):
            times = seen.count(f"{position} ok")
            assert times <= item.finishes
            assert times or item.status not in ("succeeded", "failed")
        for runner in self.runners:
            runner.close()
        Job.objects.filter(pk=self.job.pk).delete()


@pytest.mark.slow(20)
@pytest.mark.timeout(120 + 10 * EXAMPLES)
@pytest.mark.usefixtures("module_database")
def test_the_engine_agrees_with_the_model():
    with override_settings(JOBS_INLINE_ITEMS=FEW):
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=40,
                deadline=None,
                phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
        )
    connections["default"].close()
