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
from jobs.exceptions import JobNotActive, JobsError
from jobs.models import Job, Lease
from jobs.progress import Numbers, numbers
from jobs.states import ACTIVE, ENDED
from tests.support.site import Site

ME = services.Actor()
KINDS = (
    ("noop", 0, 1000),
    ("act", 0, 150),
    *[("act", 0.02, 300), ("act", 0.08, 80)] * 4,
)
"""Operation, seconds of an item, number of items. Most sleep, to leave the processors to the
cancels."""


def count(job: Job) -> Numbers:
    """The books of the job now; the sums of its leases are one snapshot."""
    tally = Lease.objects.tally([job.pk]).get(job.pk)
    return numbers(Job.objects.get(pk=job.pk), tally)


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
            self._go_on([one for one in self.stopped if one.job.pk not in busy])

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
        tallies = Lease.objects.tally([job.pk for job in jobs])
        return {job_id for job_id, tally in tallies.items() if tally["in_flight"]}

    def _stop(self, job: Job, dice: random.Random) -> None:
        call = dice.choice([services.cancel_job] * 4 + [services.pause_job])
        self.jobs.remove(job)
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

    def _go_on(self, rested: list[Stopped]) -> None:
        """Judge those that have come to rest, and resume them."""
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
        """Stop all; every job that was made, at rest."""
        for job in list(Job.objects.filter(status__in=ACTIVE)):
            try:
                services.cancel_job(job.pk, actor=ME)
            except JobNotActive:
                continue
        jobs = list(Job.objects.filter(status__in=ENDED))
        for job in jobs:
            self.site.wait_for_end(job)
        return jobs
