"""Stops a job that keeps failing: an unmounted disk, or too many failures."""

from jobs.backends import ErrorStreak, job_totals, merge
from jobs.conf import conf
from jobs.lifecycle import transitions
from jobs.models import EventEntry, Job, Lease
from jobs.states import Transition


def trip_if_failing(job: Job, *, wait: bool = True) -> bool:
    """Pause the job after many equal errors in a row, or fail it at its failure limit.

    In a row means: this error is the last result of every worker of the job that has finished
    an item, in this task or in earlier ones. Returns True if this call stopped the job. Call it
    after an item has failed and before the lease that reports it is released: the job cannot
    complete until then. `wait` as in `transition`.
    """
    return _pause_after_equal_errors(job, wait) or _fail_at_limit(job, wait)


def _pause_after_equal_errors(job: Job, wait: bool) -> bool:
    limit = conf.MAX_EQUAL_ERRORS
    if not limit:
        return False
    held, free = [], []
    for lease in Lease.objects.filter(job=job, fenced=False):
        streak = ErrorStreak(lease.streak, lease.streak_message)
        if lease.token is None:
            # The worker is dead, or its task has ended, and no other holder has followed yet.
            free.append(streak)
        elif streak.length:
            held.append(streak)
        elif lease.rate:
            return False  # its last item ended in another way
    seen = merge(held or free)
    if held:
        seen = merge([seen, *(streak for streak in free if streak.error == seen.error)])
    if seen.length < limit:
        return False
    notice = f"Paused after {limit} equal errors: {seen.error}"
    entry = EventEntry("engine", message=notice)
    fields = {"notice": notice, "repeated_error": seen.error}
    return transitions.transition(job.pk, Transition.PAUSE, entry, wait=wait, **fields)


def _fail_at_limit(job: Job, wait: bool) -> bool:
    if job.failure_limit is None:
        return False
    # Read again: an item from before a retry may end while its old failures are being reset.
    ready = Job.objects.filter(pk=job.pk, prepared=True)
    retried = ready.values_list("retried", flat=True).first()
    if retried is None:
        return False
    failed = job_totals([job.pk])[job.pk].failed - retried
    if failed <= job.failure_limit:
        return False
    failures = "1 failure" if failed == 1 else f"{failed} failures"
    error = f"Stopped after {failures}: the limit of this job is {job.failure_limit}."
    entry = EventEntry("engine", message=error)
    return transitions.transition(job.pk, Transition.FAIL, entry, wait=wait, error=error)
