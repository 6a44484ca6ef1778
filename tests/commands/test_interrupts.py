"""Ctrl-C and lost connections at bad moments: one line says what happens to the job."""

import signal
import subprocess
from contextlib import contextmanager

import psutil
import psycopg
import pytest
from django.db import connection

from jobs import services
from jobs.models import Job
from tests.support.waiting import wait_until

STARTJOB = ("startjob", "slow", "--all")


@pytest.fixture(scope="module")
def site(module_site_factory):
    """A site without a cluster, so its jobs stay queued."""
    return module_site_factory("postgres", files={"a.txt": b"x", "b.txt": b"x"})


@contextmanager
def locked(site, statement):
    """Hold the locks of this statement in another session while open."""
    with psycopg.connect(site.database["DATABASE_URL"]) as raw:
        raw.execute(statement)
        yield
        raw.rollback()


def waiting_for_a_lock(site):
    """Return the server processes whose clients wait for a lock."""
    return [
        pid
        for (pid,) in site.sql(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    ]


@contextmanager
def lost_database(site, servers):
    """Disconnect the clients that wait for a lock, and refuse connections, while open."""
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
def test_ctrl_c_during_the_start_reports_that_the_job_may_exist(site, start, options):
    before = Job.objects.count()
    with locked(site, "LOCK TABLE jobs_job IN EXCLUSIVE MODE"):
        starting = start(*STARTJOB, *options)
        wait_until(lambda: waiting_for_a_lock(site), what="the job is being made")
        starting.send_signal(signal.SIGINT)
        if options:  # the first is only remembered
            with pytest.raises(subprocess.TimeoutExpired):
                starting.wait(0.3)
            starting.send_signal(signal.SIGINT)
        out, err = starting.communicate(timeout=20)
    assert (out, starting.returncode) == ("", 130)
    assert err == (
        "Exited immediately. The job may have been started. "
        "See: manage.py listjobs --status active\n"
    )
    wait_until(lambda: not waiting_for_a_lock(site), what="the server has noticed")
    assert Job.objects.count() == before


def test_ctrl_c_during_the_start_cancels_the_job_afterwards(site, start):
    with locked(site, "LOCK TABLE jobs_job IN EXCLUSIVE MODE"):
        starting = start(*STARTJOB, "--wait")
        wait_until(lambda: waiting_for_a_lock(site), what="the job is being made")
        starting.send_signal(signal.SIGINT)
    out, err = starting.communicate(timeout=20)
    assert starting.returncode == 130
    assert err.endswith("Error: Cancelled: 2 skipped.\n")
    assert Job.objects.get(pk=out.strip()).status == "cancelled"


def start_waiting(site, start):
    """Start a waiting command. Return its process and the id of its job."""
    process = start(*STARTJOB, "--wait")
    job_id = process.stdout.readline().strip()
    return process, job_id


def test_a_cancel_waits_for_a_lost_database(site, start, servers):
    process, job_id = start_waiting(site, start)
    with locked(site, f"SELECT FROM jobs_job WHERE id = '{job_id}' FOR UPDATE"):
        process.send_signal(signal.SIGINT)
        wait_until(lambda: waiting_for_a_lock(site), what="the cancel waits")
        lost = lost_database(site, servers)
        lost.__enter__()
    lost.__exit__(None, None, None)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.endswith("Error: Cancelled: 2 skipped.\n")
    assert "Traceback" not in err
    assert Job.objects.get(pk=job_id).status == "cancelled"


def test_a_second_ctrl_c_without_a_database_reports_that_the_job_continues(site, start, servers):
    process, job_id = start_waiting(site, start)
    with locked(site, f"SELECT FROM jobs_job WHERE id = '{job_id}' FOR UPDATE"):
        process.send_signal(signal.SIGINT)
        wait_until(lambda: waiting_for_a_lock(site), what="the cancel waits")
        with lost_database(site, servers):
            # It closes the connection when it has noticed, and retries only after a while.
            client = psutil.Process(process.pid)
            wait_until(lambda: not client.net_connections("all"), what="the command has noticed")
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.splitlines()[-1] == (
        f"Exited immediately. The job {job_id} continues; "
        f"cancel it with: manage.py canceljob {job_id}"
    )
    assert "Traceback" not in err
    assert Job.objects.get(pk=job_id).status == "queued"


def test_startjob_wait_survives_dropped_connections(site, start):
    process, job_id = start_waiting(site, start)
    connection.close()  # that of this process would be dropped, too
    dropped = set()

    def command_has_connected_again():
        dropped.update(
            site.sql(
                "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        return len(dropped) > 2

    wait_until(command_has_connected_again, what="each of three connections is dropped")
    services.cancel_job(job_id, actor=services.Actor())
    _, err = process.communicate(timeout=30)
    assert err.endswith("Error: Cancelled: 2 skipped.\n")
    assert "Traceback" not in err
