"""Stops a job that cannot go well: a disk that was unmounted, or too many failures."""

from jobs import conf
from jobs.models import Job, Lease
from jobs.querysets import Entry
from jobs.states import Move
from jobs.streak import Streak, together


def stop_if_hopeless(job: Job, *, wait: bool = True) -> bool:
    """Pause the job after many equal errors in a row, fail it at its failure limit.

    In a row means: every worker of the job that has ended an item has seen nothing but
    this error last, whether in this session or, with others, in those before it. True if the
    job was stopped by this call. Called when an item has failed, before the place of the
    lane that says so is free: nobody can complete the job until then. `wait` as in `change`.
    """
    return _pause_after_equal_errors(job, wait) or _fail_at_limit(job, wait)


def _pause_after_equal_errors(job: Job, wait: bool) -> bool:
    limit = conf.get("EQUAL_ERRORS_PAUSE")
    if not limit:
        return False
    held, free = [], []
    for lease in Lease.objects.filter(job=job, fenced=False):
        streak = Streak(lease.streak, lease.streak_message)
        if lease.token is None:
            # The worker has died, or its session is over, and nobody has gone on with it yet.
            free.append(streak)
        elif streak.length:
            held.append(streak)
        elif lease.rate:
            return False  # it has ended an item, and that was none of these
    seen = together(held or free)
    if held:
        seen = together([seen, *(streak for streak in free if streak.error == seen.error)])
    if seen.length < limit:
        return False
    notice = f"Paused after {limit} equal errors: {seen.error}"
    entry = Entry("engine", message=notice)
    return Job.objects.change(job.pk, Move.PAUSE, entry, wait=wait, notice=notice)


def _fail_at_limit(job: Job, wait: bool) -> bool:
    if job.failure_limit is None:
        return False
    # Read anew: an item of before a retry may end while its old failures are still being set back.
    ready = Job.objects.filter(pk=job.pk, prepared=True)
    retried = ready.values_list("retried", flat=True).first()
    if retried is None:
        return False
    failed = Lease.objects.tally([job.pk])[job.pk]["failed"] - retried
    if failed <= job.failure_limit:
        return False
    failures = "1 failure" if failed == 1 else f"{failed} failures"
    error = f"Stopped after {failures}: the limit of this job is {job.failure_limit}."
    entry = Entry("engine", message=error)
    return Job.objects.change(job.pk, Move.FAIL, entry, wait=wait, error=error)
