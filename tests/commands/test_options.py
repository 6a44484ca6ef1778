"""Options of the commands, each given to a process; what it writes and what it has done."""

import json
import os
import pty
import subprocess

import pytest

from jobs.models import Job, JobItem
from tests.support.setups import manage

FILES = dict.fromkeys(("bad.txt", "new\nline.txt", "one.txt", "two.txt", "ü.txt"), b"x")


@pytest.fixture(scope="module")
def site(module_site_factory):
    return module_site_factory("sqlite", files=FILES, workers=2)


@pytest.fixture(autouse=True)
def no_jobs(site):
    yield
    Job.objects.all().delete()


def started(site, *arguments):
    ended = site.run("startjob", "slow", *arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return Job.objects.get(pk=json.loads(ended.stdout)["id"])


def answers(site, *arguments, code=0):
    ended = site.run(*arguments, "--json")
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return json.loads(ended.stdout)


def keys(job, **of):
    return set(JobItem.objects.filter(job=job, **of).values_list("key", flat=True))


def test_paths_from_a_file_and_limits(site, tmp_path):
    listed = tmp_path / "paths"
    listed.write_text("one.txt\ntwo.txt\n")
    job = started(site, "--from", str(listed), "--max-workers", "1", "--failure-limit", "3")
    assert keys(job) == {"one.txt", "two.txt"}
    assert (job.max_workers, job.failure_limit) == (1, 3)


def test_several_jobs_are_paused_resumed_and_cancelled(site):
    ids = [str(started(site, "--unprocessed").pk) for _ in range(2)]
    done = [{"id": one, "success": True} for one in ids]

    def statuses():
        return set(Job.objects.values_list("status", flat=True))

    assert answers(site, "pausejob", *ids) == done
    assert statuses() == {"paused"}
    assert answers(site, "resumejob", *ids) == done
    assert statuses() == {"queued"}
    wrong = answers(site, "canceljob", *ids, "no-such-id", code=1)
    assert wrong[:2] == done
    assert set(wrong[2]) == {"id", "error"}
    assert statuses() == {"cancelled"}
    assert answers(site, "deletejob", *ids) == done
    assert statuses() == set()


def test_items_as_json_and_between_nul_bytes(site):
    job = started(site, "--all")
    shown = site.run("showjob", str(job.pk), "--items", "all", "--json", PYTHONIOENCODING="ascii")
    assert {item["path"] for item in json.loads(shown.stdout)} == set(FILES)
    paths = site.run("showjob", str(job.pk), "--items", "pending", "--paths", "-0")
    assert set(paths.stdout.split("\0")) - {""} == set(FILES)


def test_resume_and_retry_can_leave_out_what_has_changed(site_factory):
    site = site_factory("sqlite", files=FILES, workers=2)
    job = started(site, "--all")
    job_id = str(job.pk)
    done = [{"id": job_id, "success": True}]
    assert answers(site, "canceljob", job_id) == done
    (site.library / "one.txt").write_bytes(b"written since")
    assert answers(site, "resumejob", job_id, "--leave-out-changed") == done
    site.start_cluster()
    site.wait_for_end(job)
    assert keys(job, status="skipped") == {"one.txt"}
    assert keys(job, status="failed") == {"bad.txt"}

    def retried(*options):
        before = JobItem.objects.get(job=job, key="bad.txt").finished_at
        assert answers(site, "retryjob", job_id, *options) == done
        assert site.wait_for_end(job)["progress"]["failed"] == 1
        return JobItem.objects.get(job=job, key="bad.txt").finished_at > before

    assert retried()
    (site.library / "bad.txt").write_bytes(b"written since")
    assert not retried("--leave-out-changed")


def test_deleting_asks_on_a_terminal(site):
    job = started(site, "one.txt")
    site.run("canceljob", str(job.pk))

    def on_terminal(answer):
        master, slave = pty.openpty()
        os.write(master, answer)
        try:
            return subprocess.run(
                manage("deletejob", str(job.pk)), env=site.env, stdin=slave,
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
        finally:
            os.close(slave)
            os.close(master)

    kept = on_terminal(b"n\n")
    assert (kept.returncode, "Nothing was deleted." in kept.stderr) == (1, True)
    assert Job.objects.exists()
    assert on_terminal(b"y\n").returncode == 0
    assert not Job.objects.exists()


def test_pruning_and_scanning_answer_in_json(site):
    job = started(site, "one.txt")
    site.run("canceljob", str(job.pk))
    assert answers(site, "prunejobs", "--older-than", "30") == {"deleted": 0}
    assert answers(site, "prunejobs", "--older-than", "0") == {"deleted": 1}
    scanned = answers(site, "scanlibrary")
    assert scanned["seen"] == len(FILES)


@pytest.mark.parametrize("limit", ["-1", "many", "1.5"])
def test_a_limit_that_is_no_number_is_told(site, limit):
    ended = site.run("listjobs", f"--limit={limit}")
    assert ended.returncode == 2
    assert f"“{limit}” is not a whole number of 0 or more" in ended.stderr


def test_a_limit_beyond_all_bounds_lists_all(site):
    started(site, "one.txt")
    assert len(answers(site, "listjobs", "--limit", "9" * 30)) == 1
