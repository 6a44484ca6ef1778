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
from tests.support.invariants import check_runs, check_totals
from tests.support.waiting import wait_until


def ask(call):
    """The answer, or None while the database does not answer."""
    try:
        return call()
    except Error:
        connection.close()
        return None


@pytest.mark.parametrize("stack", ["postgres", "postgres+valkey"])
@pytest.mark.parametrize("end", ["stop", "crash"])
def test_job_completes_after_a_restart_of_postgresql(stack, end, site_factory, servers):
    site = site_factory(stack, workers=2)
    site.allow_in_logs("Traceback (most recent call last)")
    site.start_cluster()
    job = site.start_job(count=60, seconds=0.02, hold=40)
    site.wait_for(job, processed=6)

    getattr(servers.postgres, end)()
    servers.postgres.start()
    site.let_go(job)

    def is_settled():
        return ask(lambda: Job.objects.get(pk=job.pk).status == "completed")

    wait_until(is_settled, seconds=60, what="the job has ended")
    found = check_totals(site, job)
    assert found["progress"]["succeeded"] == 60
    runs = sum(check_runs(site, job).values())
    assert runs <= 62, "only what was running is run again"


def test_jobs_complete_after_valkey_was_restarted_empty(site_factory, servers):
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
    check_totals(site, job)
    assert set(check_runs(site, job).values()) == {1}


@pytest.fixture
def small_disk(servers):
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
    if "postgres" in vars(servers):
        servers.postgres.execute("DROP TABLESPACE IF EXISTS small")
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def move_database(site, folder, servers):
    """To another disk. Of PostgreSQL the tables and indexes; without its log it crashes."""
    connection.close()
    if site.stack == "sqlite":
        shutil.copy(site.data / "db.sqlite3", folder / "db.sqlite3")
        shutil.rmtree(site.data)
        site.data.symlink_to(folder)
        return
    shutil.chown(folder, servers.postgres.account)
    name = connection.settings_dict["NAME"]
    servers.postgres.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
    servers.postgres.execute(f"ALTER DATABASE {name} SET TABLESPACE small")


def test_job_waits_on_a_full_disk_and_completes_when_there_is_room(small_disk, site, servers):
    move_database(site, small_disk, servers)
    site.allow_in_logs("Traceback (most recent call last)")
    site.start_cluster()
    job = site.start_job(count=300, seconds=0.02, hold=250)
    site.wait_for(job, processed=10)

    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()

    def noticed():
        logs = site.logs()
        return "disk is full" in logs or "No space left on device" in logs

    wait_until(noticed, what="a worker has noticed the full disk")
    ballast.unlink()
    site.let_go(job)

    assert site.wait_for_end(job, seconds=60)["status"] == "completed"
    assert check_totals(site, job)["progress"]["succeeded"] == 300
