"""Database and broker go away and come back; a disk is full."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import Error, connection

from jobs.models import Job
from tests.support.books import check_books, check_runs
from tests.support.waiting import wait_until


def ask(call):
    """The answer, or None while the database does not answer."""
    try:
        return call()
    except Error:
        connection.close()
        return None


@pytest.mark.parametrize("setup", ["postgres", "postgres+valkey"])
@pytest.mark.parametrize("end", ["stop", "crash"])
def test_postgresql_restarts_in_the_middle_of_a_job(setup, end, site_factory, servers):
    site = site_factory(setup, workers=2)
    site.allow_in_logs("Traceback (most recent call last)")
    site.start_cluster()
    job = site.start_job(count=60, seconds=0.02, hold=40)
    site.wait_for(job, processed=6)

    getattr(servers.postgres, end)()
    servers.postgres.start()
    site.let_go(job)

    def is_over():
        return ask(lambda: Job.objects.get(pk=job.pk).status == "completed")

    wait_until(is_over, seconds=60, what="the job has ended")
    found = check_books(site, job)
    assert found["progress"]["succeeded"] == 60
    # A crash of the server may take back what was committed in its last moment.
    assert sum(check_runs(site, job).values()) <= (62 if end == "stop" else 120)


def test_valkey_is_restarted_empty(site_factory, servers):
    site = site_factory("postgres+valkey", workers=2)
    site.start_cluster()
    job = site.start_job(count=60, seconds=0.02, hold=40)
    site.wait_for(job, processed=6)

    servers.valkey.crash()
    second = site.start_job(count=5)
    servers.valkey.start()
    site.let_go(job)

    assert site.wait_for_end(job, seconds=60)["status"] == "completed"
    assert site.wait_for_end(second, seconds=60)["status"] == "completed"
    check_books(site, job)
    assert set(check_runs(site, job).values()) == {1}


@pytest.fixture
def small_disk():
    """A folder on a disk of 24 MB of its own."""
    folder = Path(tempfile.mkdtemp(prefix="batchsite-disk-"))
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], check=False
        ).returncode
    )
    if not mounted:
        folder.rmdir()
        pytest.skip("a small disk can only be made by root, where mounting is allowed")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def test_a_full_disk_holds_the_job_until_there_is_room(small_disk, site_factory):
    site = site_factory("sqlite", workers=2)
    shutil.copy(site.data / "db.sqlite3", small_disk / "db.sqlite3")
    connection.close()
    shutil.rmtree(site.data)
    site.data.symlink_to(small_disk)
    site.allow_in_logs("Traceback (most recent call last)")
    site.start_cluster()
    job = site.start_job(count=150, seconds=0.02, hold=100)
    site.wait_for(job, processed=10)

    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"x" * 65536)
            file.flush()
    wait_until(lambda: "full" in site.logs(), what="a worker has noticed the full disk")
    ballast.unlink()
    site.let_go(job)

    assert site.wait_for_end(job, seconds=60)["status"] == "completed"
    assert check_books(site, job)["progress"]["succeeded"] == 150
