"""Cancels and pauses jobs at random moments while workers race through them.

What is checked for each: when the call has answered, `processed + in_flight` counts every
item that was ever started. If a worker started another one after that, the number of
processed items would be larger once nothing runs any more.
"""

import random
import threading
import time
import uuid
from dataclasses import dataclass, field

from jobs import services
from jobs.backends import job_totals
from jobs.exceptions import JobNotActive, JobsError
from jobs.models import Job
from jobs.progress import Progress, progress_of
from jobs.states import ACTIVE, FINISHED
from tests.support.site import Site

ME = services.Actor()
STEP = 0.025
KINDS = (
    ("noop", 0, 1000),
    *[("act-in-step", 0.004, 400)] * 3,
    *[("act-in-step", STEP, 120)] * 6,
)
"""Operation, seconds of an item, number of items. Most items sleep, to leave the processors to
the cancels. All workers start their next items at the same moment, at which `_stop` aims."""


def count(job: Job) -> Progress:
    """The books of the job now; the sums of its leases are one snapshot."""
    return progress_of(Job.objects.get(pk=job.pk), job_totals([job.pk])[job.pk])


@dataclass(slots=True)
class Stopped:
    """A job that was cancelled or paused, and what had been started when that was answered."""

    job: Job
    started: int
    in_flight: int


@dataclass(slots=True)
class Races:
    """`run` makes `wanted` cancels, and pauses between them; `late` collects what must not be."""

    site: Site
    seed: int
    jobs: list[Job] = field(default_factory=list)
    stopped: list[Stopped] = field(default_factory=list)
    made: int = 0
    in_the_middle: int = 0
    late: list[str] = field(default_factory=list)

    def run(self, wanted: int, *, seconds: float) -> None:
        dice = random.Random(self.seed)
        deadline = time.monotonic() + seconds
        while self.made < wanted:
            assert time.monotonic() < deadline, f"only {self.made} cancels in {seconds:g} s"
            self._top_up(dice)
            busy = self._busy()
            threading.Event().wait(dice.uniform(0, 0.02))
            if at_work := [job for job in self.jobs if job.pk in busy]:
                self._stop(dice.choice(at_work), dice)
            self._resume([one for one in self.stopped if one.job.pk not in busy])

    def _top_up(self, dice: random.Random) -> None:
        ids = [job.pk for job in self.jobs]
        over = set(Job.objects.filter(pk__in=ids, status="completed").values_list("pk", flat=True))
        self.jobs = [job for job in self.jobs if job.pk not in over]
        while len(self.jobs) + len(self.stopped) < 6:
            operation, seconds, count = dice.choice(KINDS)
            self.jobs.append(self.site.start_job(operation, count=count, seconds=seconds))

    def _busy(self) -> set[uuid.UUID]:
        """The jobs with items in flight."""
        jobs = [*self.jobs, *(one.job for one in self.stopped)]
        totals = job_totals([job.pk for job in jobs])
        return {job_id for job_id, found in totals.items() if found.in_flight}

    def _stop(self, job: Job, dice: random.Random) -> None:
        call = dice.choice([services.cancel_job] * 4 + [services.pause_job])
        self.jobs.remove(job)
        if job.parameters["seconds"] == STEP:
            until_next_start = STEP - time.monotonic() % STEP
            threading.Event().wait(max(0.0, until_next_start - dice.uniform(-0.002, 0.006)))
        try:
            call(job.pk, actor=ME)
        except JobsError:
            assert Job.objects.get(pk=job.pk).status == "completed"
            return
        found = count(job)
        self.stopped.append(Stopped(job, found.processed + found.in_flight, found.in_flight))
        if call is services.cancel_job:
            self.made += 1
            self.in_the_middle += found.in_flight > 0

    def _resume(self, rested: list[Stopped]) -> None:
        """Check the stopped jobs that run nothing any more, and resume them."""
        for one in rested:
            found = count(one.job)
            if found.in_flight:
                continue
            self.stopped.remove(one)
            if found.processed > one.started:
                self.late.append(f"{one.started} were started, {found.processed} ended")
            if one.in_flight > self.site.workers:
                self.late.append(f"{one.in_flight} items in flight")
            try:
                services.resume_job(one.job.pk, actor=ME)
                self.jobs.append(one.job)
            except JobsError:
                assert found.processed == found.total

    def finish(self) -> list[Job]:
        """Cancel all; every job that was made, with nothing in flight."""
        for job in list(Job.objects.filter(status__in=ACTIVE)):
            try:
                services.cancel_job(job.pk, actor=ME)
            except JobNotActive:
                continue
        jobs = list(Job.objects.filter(status__in=FINISHED))
        for job in jobs:
            self.site.wait_for_end(job)
        return jobs
