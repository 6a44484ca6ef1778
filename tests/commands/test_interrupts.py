"""Ctrl-C at bad moments: each time one line says what becomes of the job."""

import signal
import subprocess
from contextlib import contextmanager

import psycopg
import pytest

from jobs.models import Job
from tests.support.waiting import wait_until

STARTJOB = ("startjob", "slow", "--all")


@pytest.fixture(scope="module")
def site(module_site_factory):
    """A site without a cluster: its jobs wait."""
    return module_site_factory("postgres", files={"a.txt": b"x", "b.txt": b"x"})


@contextmanager
def locked(site, statement):
    """While open, what the statement locks is locked by somebody else."""
    with psycopg.connect(site.database["DATABASE_URL"]) as raw:
        raw.execute(statement)
        yield
        raw.rollback()


def waiting_for_a_lock(site):
    """The server processes whose clients wait for a lock."""
    return [
        pid
        for (pid,) in site.sql(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    ]


@contextmanager
def lost_database(site, servers):
    """While open, the clients that wait for a lock have lost the database, and nobody gets in."""
    pids = waiting_for_a_lock(site)
    name = site.sql("SELECT current_database()")[0][0]
    servers.postgres.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    try:
        for pid in pids:
            servers.postgres.execute(f"SELECT pg_terminate_backend({pid})")
        yield
    finally:
        servers.postgres.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


@pytest.mark.parametrize("options", [[], ["--wait"]])
def test_ctrl_c_while_the_job_is_being_started_says_that_it_may_go_on(site, start, options):
    before = Job.objects.count()
    with locked(site, "LOCK TABLE jobs_job IN EXCLUSIVE MODE"):
        starting = start(*STARTJOB, *options)
        wait_until(lambda: waiting_for_a_lock(site), what="the job is being made")
        starting.send_signal(signal.SIGINT)
        if options:  # the first is only remembered
            with pytest.raises(subprocess.TimeoutExpired):
                starting.wait(0.3)
            starting.send_signal(signal.SIGINT)
        out, told = starting.communicate(timeout=20)
    assert (out, starting.returncode) == ("", 130)
    assert told == (
        "Left at once, while the job was being started: it may go on. "
        "See: manage.py listjobs --status active\n"
    )
    wait_until(lambda: not waiting_for_a_lock(site), what="the server has noticed")
    assert Job.objects.count() == before


def test_ctrl_c_while_the_job_is_being_started_is_remembered(site, start):
    with locked(site, "LOCK TABLE jobs_job IN EXCLUSIVE MODE"):
        starting = start(*STARTJOB, "--wait")
        wait_until(lambda: waiting_for_a_lock(site), what="the job is being made")
        starting.send_signal(signal.SIGINT)
    out, told = starting.communicate(timeout=20)
    assert starting.returncode == 130
    assert told.endswith("Error: Cancelled: 2 skipped.\n")
    assert Job.objects.get(pk=out.strip()).status == "cancelled"


def begin_to_cancel(site, start):
    """A waiting command whose cancel is held up by a lock, which the caller has; its job."""
    process = start(*STARTJOB, "--wait")
    job_id = process.stdout.readline().strip()
    return process, job_id


def test_a_lost_database_holds_the_cancel_up_until_it_is_back(site, start, servers):
    process, job_id = begin_to_cancel(site, start)
    with locked(site, f"SELECT FROM jobs_job WHERE id = '{job_id}' FOR UPDATE"):
        process.send_signal(signal.SIGINT)
        wait_until(lambda: waiting_for_a_lock(site), what="the cancel waits")
        lost = lost_database(site, servers)
        lost.__enter__()
    lost.__exit__(None, None, None)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told.endswith("Error: Cancelled: 2 skipped.\n")
    assert "Traceback" not in told
    assert Job.objects.get(pk=job_id).status == "cancelled"


def test_leaving_while_the_cancel_finds_no_database_says_that_the_job_goes_on(site, start, servers):
    process, job_id = begin_to_cancel(site, start)
    with locked(site, f"SELECT FROM jobs_job WHERE id = '{job_id}' FOR UPDATE"):
        process.send_signal(signal.SIGINT)
        wait_until(lambda: waiting_for_a_lock(site), what="the cancel waits")
        with lost_database(site, servers):
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert told.splitlines()[-1] == (
        f"Left at once. The job {job_id} goes on; cancel it with: manage.py canceljob {job_id}"
    )
    assert "Traceback" not in told
    assert Job.objects.get(pk=job_id).status == "queued"
