"""django-q2's entry points."""

import sys
from time import sleep

from jobs import conf, services
from jobs.clusters import waiting_work
from jobs.enqueue import hint
from jobs.runner import Warden, stopping


def work() -> None:
    """Serve the jobs that need a worker, for one session; see `jobs.runner`.

    A session that died is followed by another at once: its item was given back.
    """
    while True:
        warden = Warden()
        ended_well = warden.run()
        if warden.asked_to_stop:
            sys.exit()  # the signal was meant for this process; django-q2 would go on waiting
        if ended_well or not _goes_on():
            break
        if not warden.board.items:
            sleep(1)  # it died before its first item: something is wrong with all of them
    if _goes_on():
        hint(1)


def prune() -> None:
    """Once a day: delete the jobs that JOBS_KEEP_DAYS calls old; see `jobs.schedules`.

    Their rows are left to the sweeps of the clusters. Removing millions of them here would keep
    a worker from the jobs, and `runcluster` would take a cluster of one worker for stuck.
    """
    if days := conf.get("KEEP_DAYS"):
        services.delete_old_jobs(older_than_days=days)


def _goes_on() -> bool:
    return not stopping.requested() and waiting_work()
