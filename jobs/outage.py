"""Stops a job that cannot go well: a disk that was unmounted, or too many failures."""

from jobs import conf
from jobs.models import Job, Lease
from jobs.querysets import Entry
from jobs.states import Move


def stop_if_hopeless(job: Job) -> bool:
    """Pause the job after many equal errors in a row, fail it at its failure limit.

    In a row means: every worker of the job that has ended an item has seen nothing but
    this error last. True if the job was stopped by this call.
    """
    return _pause_after_equal_errors(job) or _fail_at_limit(job)


def _pause_after_equal_errors(job: Job) -> bool:
    limit = conf.get("EQUAL_ERRORS_PAUSE")
    if not limit:
        return False
    rows = Lease.objects.held().filter(job=job, fenced=False, rate__gt=0)
    lanes = list(rows.values_list("streak", "streak_message"))
    messages = {message for _, message in lanes}
    equal = sum(streak for streak, _ in lanes)
    if len(messages) != 1 or equal < limit or any(streak == 0 for streak, _ in lanes):
        return False
    notice = f"Paused after {limit} equal errors: {messages.pop()}"
    return Job.objects.change(job.pk, Move.PAUSE, Entry("engine", message=notice), notice=notice)


def _fail_at_limit(job: Job) -> bool:
    if job.failure_limit is None:
        return False
    failed = Lease.objects.tally([job.pk])[job.pk]["failed"] - job.retried
    if failed <= job.failure_limit:
        return False
    error = f"Stopped after {failed} failures: the limit of this job is {job.failure_limit}."
    return Job.objects.change(job.pk, Move.FAIL, Entry("engine", message=error), error=error)
