"""The commands as a person or a script calls them: processes, pipes, terminals, Ctrl-C."""

import json
import os
import pty
import re
import signal
import subprocess
from contextlib import suppress

import pytest

from jobs.models import Job
from tests.support.setups import manage
from tests.support.waiting import wait_until

FILES = {f"{number:02}.txt": b"x" for number in range(20)} | {
    "bad.txt": b"x",
    "new\nline.txt": b"x",
}


@pytest.fixture(scope="module")
def site(module_site_factory):
    """A site with a running cluster of two workers; its tests share it."""
    found = module_site_factory("sqlite", files=FILES, workers=2)
    found.start_cluster()
    return found


def on_terminal(site, *arguments, **env):
    """What a command writes when all its streams are a terminal, and its exit code."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        manage(*arguments), env=site.env | {"TERM": "xterm", "COLUMNS": "100", **env},
        stdin=slave, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    written = b""
    with suppress(OSError):  # how a closed terminal ends
        while piece := os.read(master, 65536):
            written += piece
    os.close(master)
    return written.decode(), process.wait(60)


def in_flight(job_id):
    job = Job.objects.get(pk=job_id)
    return job.leases.filter(current_item__isnull=False).count()


def test_wait_ends_with_0_only_if_every_item_succeeded(site):
    good = site.run("startjob", "slow", "00.txt", "01.txt", "--wait")
    assert good.returncode == 0
    assert re.fullmatch(r"[0-9a-f-]{36}\n", good.stdout)
    assert good.stderr.endswith("Completed: 2 succeeded.\n")
    bad = site.run("startjob", "slow", "00.txt", "bad.txt", "--wait")
    assert bad.returncode == 1
    assert bad.stderr.endswith("Error: Completed: 1 succeeded, 1 failed.\n")
    as_json = site.run("startjob", "slow", "00.txt", "bad.txt", "--wait", "--json")
    assert json.loads(as_json.stdout)["progress"]["failed"] == 1
    assert as_json.returncode == 1


def test_wait_ends_when_the_engine_has_paused_the_job(site):
    script = json.dumps({str(number): "disk_full" for number in range(100)})
    ended = site.run("startjob", "act", "--param", "count=100", f"script={script}", "--wait")
    job_id = ended.stdout.strip()
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].endswith(
        "paused, Paused after 20 equal errors: No space left on device. "
        f"Go on with: manage.py resumejob {job_id}"
    )
    assert site.run("canceljob", job_id).returncode == 0


def test_ctrl_c_cancels_and_says_what_was_done(site, start):
    waiting = start("startjob", "held", "--all", "--wait")
    job_id = waiting.stdout.readline().strip()
    wait_until(lambda: in_flight(job_id) == 2, what="two items run")
    waiting.send_signal(signal.SIGINT)
    wait_until(lambda: Job.objects.get(pk=job_id).status == "cancelled", what="the cancel")
    site.let_go(job_id)
    _, told = waiting.communicate(timeout=60)
    assert waiting.returncode == 130
    progress = site.status(Job.objects.get(pk=job_id))["progress"]
    assert progress["in_flight"] == 0
    assert progress["skipped"] == 22 - progress["processed"] > 0
    parts = [
        f"{progress[name]} {name}" for name in ("succeeded", "failed", "skipped") if progress[name]
    ]
    assert told.endswith(f"Error: Cancelled: {', '.join(parts)}.\n")
    assert "Traceback" not in told
    events = Job.objects.get(pk=job_id).events.values_list("kind", "source")
    assert list(events).count(("cancel", "command")) == 1


def test_a_second_ctrl_c_leaves_at_once_and_says_that_the_job_goes_on(site, start):
    waiting = start("startjob", "held", "00.txt", "01.txt", "--wait")
    job_id = waiting.stdout.readline().strip()
    wait_until(lambda: in_flight(job_id) == 2, what="two items run")
    waiting.send_signal(signal.SIGINT)
    wait_until(lambda: Job.objects.get(pk=job_id).status == "cancelled", what="the cancel")
    waiting.send_signal(signal.SIGINT)
    _, told = waiting.communicate(timeout=20)
    assert waiting.returncode == 130
    assert f"Left at once. The job {job_id} is cancelled, but goes on" in told
    assert "Traceback" not in told
    assert in_flight(job_id) == 2
    for lease in Job.objects.get(pk=job_id).leases.held():
        os.kill(lease.executor_pid, signal.SIGKILL)
    site.wait_for_end(Job.objects.get(pk=job_id))


def test_watching_follows_the_job_and_ctrl_c_leaves_it_alone(site, start):
    job_id = site.run("startjob", "held", "--all").stdout.strip()
    watching = start("showjob", job_id[:8], "--watch", "--json")
    first = json.loads(watching.stdout.readline())
    assert first["id"] == job_id
    watching.send_signal(signal.SIGINT)
    _, told = watching.communicate(timeout=60)
    assert (watching.returncode, told) == (
        130,
        f"Error: Stopped watching. The job {job_id} goes on.\n",
    )
    site.let_go(job_id)
    rest = site.run("showjob", job_id, "--watch", "--json").stdout.splitlines()
    assert json.loads(rest[-1])["progress"]["processed"] == 22
    assert json.loads(rest[-1])["status"] == "completed"


def test_skipped_paths_go_through_a_pipe_into_a_new_job(site):
    first = site.run("startjob", "held", "--all").stdout.strip()
    wait_until(lambda: in_flight(first) == 2, what="two items run")
    cancelled = site.run("canceljob", first[:8])
    assert (cancelled.returncode, cancelled.stderr) == (0, "")
    site.let_go(first)
    skipped = site.wait_for_end(Job.objects.get(pk=first))["progress"]["skipped"]
    show = subprocess.Popen(
        manage("showjob", first, "--items", "skipped", "--paths"),
        env=site.env,
        stdout=subprocess.PIPE,
    )
    second = subprocess.run(
        manage("startjob", "slow", "--from", "-", "--wait", "--json"),
        env=site.env, stdin=show.stdout, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    show.stdout.close()
    assert show.wait(30) == 0
    assert json.loads(second.stdout)["progress"]["processed"] == skipped > 0


def test_a_terminal_gets_a_table_and_a_bar_and_no_colours_where_none_are_wanted(site):
    written, code = on_terminal(site, "startjob", "slow", "00.txt", "01.txt", "--wait")
    assert code == 0
    assert "2 / 2 files" in written
    assert "━" in written
    table, code = on_terminal(site, "listjobs")
    assert (code, "Operation" in table, "\x1b[32mcompleted" in table) == (0, True, True)
    plain, _ = on_terminal(site, "listjobs", NO_COLOR="1")
    assert "Operation" in plain
    assert "\x1b[" not in plain
    plain, _ = on_terminal(site, "listjobs", "--no-color")
    assert "\x1b[" not in plain


def test_a_pipe_gets_plain_lines_whatever_the_environment_says(site):
    site.run("startjob", "slow", "00.txt")
    found = site.run("listjobs", FORCE_COLOR="1", TERM="xterm", TTY_COMPATIBLE="1")
    assert found.stdout.count("\t") == 6 * found.stdout.count("\n") > 0
    assert "\x1b" not in found.stdout


def test_a_reader_that_has_read_enough_is_no_error(site):
    job_id = site.run("startjob", "noop", "--param", "count=9000").stdout.strip()
    site.wait_for_end(Job.objects.get(pk=job_id))
    show = subprocess.Popen(
        manage("showjob", job_id, "--items", "all", "--paths"),
        env=site.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert show.stdout.readline() == b"00000000\n"
    show.stdout.close()
    assert (show.stderr.read(), show.wait(30)) == (b"", 141)
    show.stderr.close()


def test_a_full_disk_is_one_line(site):
    with open("/dev/full", "wb") as full:
        found = subprocess.run(
            manage("listjobs", "--limit", "0", "--json"),
            env=site.env, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (found.stderr, found.returncode) == ("Error: No space left on device.\n", 1)


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"DATABASE_URL": "postgres://u:secret@127.0.0.1:1/x"}, "The database cannot be used"),
        ({"DATABASE_URL": "sqlite:////no/such/folder/db"}, "unable to open database file"),
        ({"DATABASE_URL": "sqlite:///{empty}"}, "has no tables yet"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_line(site, tmp_path, env, says):
    env = {name: value.format(empty=tmp_path / "empty.sqlite3") for name, value in env.items()}
    found = site.run("startjob", "slow", "00.txt", **env)
    assert (found.stdout, found.returncode) == ("", 1)
    assert found.stderr.startswith("Error: The database")
    assert says in found.stderr
    assert found.stderr.count("\n") == 1
    assert "secret" not in found.stderr


@pytest.mark.parametrize(
    "line",
    [
        "listjobs",
        "showjob 5c0f1a2b",
        "canceljob --all",
        "pausejob 5c0f1a2b",
        "resumejob 5c0f1a2b",
        "retryjob 5c0f1a2b",
        "deletejob 5c0f1a2b",
        "prunejobs --older-than 1",
        "scanlibrary",
    ],
)
def test_no_command_says_more_than_one_line_of_a_database_that_is_away(site, line):
    found = site.run(*line.split(), DATABASE_URL="postgres://u:secret@127.0.0.1:1/x")
    assert (found.stdout, found.returncode) == ("", 1)
    assert found.stderr.startswith("Error: The database cannot be used")
    assert found.stderr.count("\n") == 1
    assert "secret" not in found.stderr


def test_a_dead_broker_is_one_line_and_the_job_is_started(site):
    found = site.run("startjob", "slow", "00.txt", REDIS_URL="redis://127.0.0.1:1/0")
    assert found.returncode == 0
    assert "The broker took no hint" in found.stderr
    assert found.stderr.count("\n") == 1
    site.wait_for_end(Job.objects.get(pk=found.stdout.strip()))


def test_a_wrong_command_line_is_exit_code_2(site):
    assert site.run("showjob").returncode == 2
    assert site.run("listjobs", "--status", "nonsense").returncode == 2
    assert site.run("startjob", "slow", "--param", "seconds").returncode == 2


def test_waiting_outlives_a_database_that_drops_its_connections(site_factory):
    files = {f"{number:02}.txt": b"x" for number in range(8)}
    other = site_factory("postgres", files=files, workers=2)
    other.allow_in_logs("Traceback (most recent call last)")
    other.start_cluster()
    waiting = subprocess.Popen(
        manage("startjob", "slow", "--all", "--param", "seconds=1", "--wait"),
        env=other.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    job_id = waiting.stdout.readline().strip()
    running = "SELECT 1 FROM jobs_lease WHERE current_item IS NOT NULL"
    wait_until(lambda: other.sql(running), what="an item runs")
    dropped = other.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert len(dropped) >= 2
    _, told = waiting.communicate(timeout=120)
    assert waiting.returncode == 0, told
    assert told.endswith("Completed: 8 succeeded.\n")
    assert other.sql("SELECT status FROM jobs_job WHERE id = ?", job_id) == [("completed",)]
