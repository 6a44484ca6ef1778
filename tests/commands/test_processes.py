"""Commands as processes: pipes, terminals, Ctrl-C, exit codes, and waiting for a real cluster."""

import json
import os
import pty
import re
import signal
import subprocess
from contextlib import suppress

import pytest

from batchsite.settings.database import database_from
from jobs import services
from jobs.models import Job
from tests.commands.calling import run
from tests.support import factories
from tests.support.in_process import default_database
from tests.support.stacks import manage
from tests.support.waiting import wait_until

FILES = {f"{number:02}.txt": b"x" for number in range(20)} | {
    "bad.txt": b"x",
    "new\nline.txt": b"x",
}


@pytest.fixture(scope="module")
def site(module_site_factory):
    """A site with a running cluster of two workers, shared by the tests."""
    found = module_site_factory("sqlite", files=FILES, workers=2)
    found.start_cluster()
    return found


def in_flight(job_id):
    job = Job.objects.get(pk=job_id)
    return job.leases.filter(current_item__isnull=False).count()


def test_startjob_wait_succeeds_only_if_every_item_succeeded(site):
    out, err, code = run("startjob", "slow", "00.txt", "01.txt", "--wait")
    assert code == 0
    assert re.fullmatch(r"[0-9a-f-]{36}\n", out)
    assert err.endswith("Completed: 2 succeeded.\n")
    out, err, code = run("startjob", "slow", "00.txt", "bad.txt", "--wait", "--json")
    assert json.loads(out)["progress"]["failed"] == 1
    assert err.endswith("Error: Completed: 1 succeeded, 1 failed.\n")
    assert code == 1


def test_startjob_wait_fails_for_a_warning_only_if_it_is_strict(site):
    arguments = ("startjob", "act", "--param", "count=2", 'script={"1": "warn"}', "--wait")
    _, err, code = run(*arguments)
    assert err.endswith("Completed: 2 succeeded (1 with a warning).\n")
    assert code == 0
    _, err, code = run(*arguments, "--strict")
    assert err.endswith("Error: Completed: 2 succeeded (1 with a warning).\n")
    assert code == 1


def test_startjob_wait_warns_of_files_that_verify_did_not_look_into(site):
    arguments = ("startjob", "verify", "00.txt", "01.txt", "--wait")
    _, err, code = run(*arguments)
    assert err.endswith("Completed: 2 succeeded (2 with a warning). 2 not looked into: text 2.\n")
    assert code == 0
    assert run(*arguments, "--strict")[2] == 1


def test_startjob_wait_fails_when_the_engine_has_paused_the_job(site):
    script = json.dumps({str(number): "disk_full" for number in range(100)})
    out, err, code = run("startjob", "act", "--param", "count=100", f"script={script}", "--wait")
    job_id = out.strip()
    assert code == 1
    assert err.splitlines()[-1].endswith(
        "paused, Paused after 20 equal errors: No space left on device. "
        f"Continue with: manage.py resumejob {job_id}"
    )
    services.cancel_job(job_id, actor=services.Actor())


def test_ctrl_c_at_startjob_wait_cancels_the_job_and_reports_the_numbers(site, start):
    waiting = start("startjob", "held", "--all", "--wait")
    job_id = waiting.stdout.readline().strip()
    wait_until(lambda: in_flight(job_id) == 2, what="two items run")
    waiting.send_signal(signal.SIGINT)
    wait_until(lambda: Job.objects.get(pk=job_id).status == "cancelled", what="the cancel")
    site.let_go(job_id)
    _, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 130
    progress = site.status(Job.objects.get(pk=job_id))["progress"]
    assert progress["in_flight"] == 0
    assert progress["skipped"] == 22 - progress["processed"] > 0
    parts = [
        f"{progress[name]} {name}" for name in ("succeeded", "failed", "skipped") if progress[name]
    ]
    assert err.endswith(f"Error: Cancelled: {', '.join(parts)}.\n")
    assert "Traceback" not in err
    events = Job.objects.get(pk=job_id).events.values_list("kind", "source")
    assert list(events).count(("cancel", "command")) == 1


def test_a_second_ctrl_c_exits_immediately_and_reports_that_started_items_continue(site, start):
    waiting = start("startjob", "held", "00.txt", "01.txt", "--wait")
    job_id = waiting.stdout.readline().strip()
    wait_until(lambda: in_flight(job_id) == 2, what="two items run")
    waiting.send_signal(signal.SIGINT)
    wait_until(lambda: Job.objects.get(pk=job_id).status == "cancelled", what="the cancel")
    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate(timeout=20)
    assert waiting.returncode == 130
    outlook = rf"Exited immediately. The job {job_id} is (being )?cancelled; items already started"
    assert re.search(outlook, err)
    assert "Traceback" not in err
    assert in_flight(job_id) == 2
    for lease in Job.objects.get(pk=job_id).leases.held():
        os.kill(lease.executor_pid, signal.SIGKILL)
    site.wait_for_end(Job.objects.get(pk=job_id))


def test_ctrl_c_at_showjob_watch_leaves_the_job_alone(site, start):
    job_id = run("startjob", "held", "--all")[0].strip()
    watching = start("showjob", job_id[:8], "--watch", "--json")
    first = json.loads(watching.stdout.readline())
    assert first["id"] == job_id
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=60)
    assert err == f"Error: Stopped watching. The job {job_id} continues.\n"
    assert watching.returncode == 130
    site.let_go(job_id)
    last = json.loads(run("showjob", job_id, "--watch", "--json")[0].splitlines()[-1])
    assert (last["status"], last["progress"]["processed"]) == ("completed", 22)


def test_startjob_wait_on_a_terminal_shows_a_bar(site):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        manage("startjob", "slow", "00.txt", "01.txt", "--wait"),
        env=site.env | {"TERM": "xterm", "COLUMNS": "100"}, stdin=slave, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    shown = b""
    with suppress(OSError):  # how a closed terminal ends
        while piece := os.read(master, 65536):
            shown += piece
    os.close(master)
    assert process.wait(60) == 0
    assert "2 / 2 files (100%)" in shown.decode()
    assert "━" in shown.decode()


def test_a_reader_that_closes_the_pipe_ends_the_command_without_an_error(site):
    job = factories.make_job("completed", succeeded=9_000)
    show = subprocess.Popen(
        manage("showjob", str(job.pk), "--items", "all", "--paths"),
        env=site.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert show.stdout.readline() == b"file-000000.txt\n"
    show.stdout.close()
    assert (show.stderr.read(), show.wait(30)) == (b"", 141)
    show.stderr.close()


def test_a_full_disk_is_one_line_and_exit_code_1(site):
    with open("/dev/full", "wb") as full:
        found = subprocess.run(
            manage("listjobs", "--limit", "0", "--json"),
            env=site.env, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (found.stderr, found.returncode) == ("Error: No space left on device.\n", 1)


UNREACHABLE = "postgres://u:secret@127.0.0.1:1/x"
"""Nothing listens there."""


@pytest.mark.parametrize(
    ("line", "url", "reason"),
    [
        ("startjob slow 00.txt", "sqlite:////no/such/folder/db", "unable to open database file"),
        ("startjob slow 00.txt", "sqlite:///{empty}", "has no tables yet"),
        ("startjob slow 00.txt", UNREACHABLE, "Check DATABASE_URL"),
        ("listjobs", "sqlite:///{empty}", "has no tables yet"),
        ("scanlibrary", "sqlite:///{empty}", "has no tables yet"),
        ("listjobs", UNREACHABLE, "Check DATABASE_URL"),
        ("showjob 5c0f1a2b", UNREACHABLE, "Check DATABASE_URL"),
        ("canceljob --all", UNREACHABLE, "Check DATABASE_URL"),
        ("resumejob 5c0f1a2b", UNREACHABLE, "Check DATABASE_URL"),
        ("deletejob 5c0f1a2b", UNREACHABLE, "Check DATABASE_URL"),
        ("prunejobs --older-than 1", UNREACHABLE, "Check DATABASE_URL"),
        ("scanlibrary", UNREACHABLE, "Check DATABASE_URL"),
    ],
)
def test_an_unusable_database_is_one_line_and_exit_code_1(site, tmp_path, line, url, reason):
    with default_database(database_from(url.format(empty=tmp_path / "empty.sqlite3"))):
        out, err, code = run(*line.split())
    assert (out, code) == ("", 1)
    assert err.startswith("Error: The database ")
    assert reason in err
    assert err.count("\n") == 1
    assert "secret" not in err


def test_a_process_logs_nothing_besides_the_line_about_an_unreachable_database(site):
    found = site.run("startjob", "slow", "00.txt", DATABASE_URL=UNREACHABLE)
    assert (found.stdout, found.returncode) == ("", 1)
    assert found.stderr.startswith("Error: The database cannot be used")
    assert found.stderr.count("\n") == 1


def test_startjob_needs_no_broker_where_it_wakes_a_cluster_itself(site):
    found = site.run("startjob", "slow", "00.txt", REDIS_URL="redis://127.0.0.1:1/0")
    assert (found.returncode, found.stderr) == (0, "")
    site.wait_for_end(Job.objects.get(pk=found.stdout.strip()))


def test_startjob_without_broker_and_cluster_warns_in_one_line(module_site_factory):
    alone = module_site_factory("sqlite", files=FILES)
    found = alone.run("startjob", "slow", "00.txt", REDIS_URL="redis://127.0.0.1:1/0")
    assert found.returncode == 0
    assert "The broker took no message" in found.stderr
    assert found.stderr.count("\n") == 1
    assert alone.run("showjob", found.stdout.strip()).returncode == 0


def test_a_wrong_command_line_is_exit_code_2(site):
    found = site.run("startjob", "slow", "--param", "seconds")
    assert found.returncode == 2
    assert "“seconds” is not written like NAME=VALUE" in found.stderr
