"""django-q2's entry points. Their paths are stored in rows of `django_q_schedule`."""

import sys
from time import sleep

from jobs import services
from jobs.cluster import host_tasks, shutdown
from jobs.cluster.notifier import notify_workers
from jobs.conf import conf
from jobs.lifecycle.scheduling import any_job_needs_worker
from jobs.worker import Worker


def work(host_tasks_before: int | None = None, notification: int = 0) -> None:
    """Serve the jobs that need a worker, for one task; see `jobs.worker`.

    If the executor died, another one follows at once: its item was released. Ends early for a task
    of the host project; `jobs.cluster.host_tasks` gives the arguments.
    """
    host_tasks.notification_taken(notification)
    period = host_tasks.WorkPeriod(host_tasks_before)
    while not period.is_behind:
        worker = Worker(period)
        ended_well = worker.run()
        if worker.stop_requested:
            sys.exit()  # the signal was meant for this process; django-q2 would wait for a task
        if ended_well or not _has_more():
            break
        if not worker.scoreboard.items:
            sleep(1)  # it died before its first item: something is wrong with all of them
    if _has_more():
        notify_workers(1)


def prune() -> None:
    """Once a day: delete jobs older than JOBS_RETENTION_DAYS; see `jobs.cluster.schedules`.

    The sweeps of the clusters remove their rows. Removing millions here would keep a worker from
    the jobs, and `runcluster` would consider a cluster of one worker stuck.
    """
    if days := conf.RETENTION_DAYS:
        services.delete_old_jobs(older_than_days=days)


def _has_more() -> bool:
    return not shutdown.requested() and any_job_needs_worker()
