"""listjobs, showjob, canceljob, pausejob, resumejob, retryjob, deletejob, prunejobs."""

import io
import json
import os
import pty
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.utils import timezone

from jobs.management.lookup import find_job
from jobs.models import Job, JobEvent, JobItem
from tests.commands.calling import on_terminal, run
from tests.support import factories

pytestmark = pytest.mark.django_db
ACTIONS = ("canceljob", "pausejob", "resumejob", "retryjob")


def status(job):
    return Job.objects.values_list("status", flat=True).get(pk=job.pk)


def test_listjobs_in_a_pipe_writes_one_line_a_job_the_newest_first():
    first = factories.make_job("completed", succeeded=2, failed=1, label="Two\nlines")
    second = factories.make_job("queued", left=5)
    out, err, code = run("listjobs")
    lines = [line.split("\t") for line in out.splitlines()]
    assert [line[:5] for line in lines] == [
        [str(second.pk), "queued", "0", "5", "0"],
        [str(first.pk), "completed", "3", "3", "1"],
    ]
    assert lines[1][6] == "Two\\x0alines"
    assert (err, code) == ("", 0)


def test_listjobs_in_a_pipe_ignores_variables_that_force_colours(monkeypatch):
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "CLICOLOR_FORCE"):
        monkeypatch.setenv(name, "1")
    factories.make_job("queued", left=1)
    out, _, _ = run("listjobs")
    assert out.count("\t") == 6
    assert "\x1b" not in out


def test_listjobs_on_a_terminal_shows_a_table_without_colours_where_they_are_off(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    factories.make_job("completed", succeeded=2)
    table = on_terminal("listjobs")
    assert "Operation" in table
    assert "\x1b[32mcompleted" in table
    assert "\x1b[" not in on_terminal("listjobs", "--no-color")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = on_terminal("listjobs")
    assert "Operation" in plain
    assert "\x1b[" not in plain


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("paused", {"paused"}),
        ("active", {"queued", "processing", "paused"}),
        ("finished", {"completed", "cancelled", "failed"}),
    ],
)
def test_listjobs_with_a_status_lists_only_jobs_of_it(wanted, found):
    for one in ("queued", "processing", "paused", "completed", "cancelled", "failed"):
        factories.make_job(one, left=1)
    listed = json.loads(run("listjobs", "--status", wanted, "--json")[0])
    assert {job["status"] for job in listed} == found


@pytest.mark.parametrize(("limit", "listed"), [("2", 2), ("0", 3), ("9" * 30, 3)])
def test_listjobs_lists_as_many_jobs_as_its_limit(limit, listed):
    for _ in range(3):
        factories.make_job("queued", left=1)
    assert len(json.loads(run("listjobs", "--limit", limit, "--json")[0])) == listed


@pytest.mark.parametrize("limit", ["-1", "many", "1.5"])
def test_listjobs_refuses_a_limit_that_is_no_whole_number(limit):
    with pytest.raises(CommandError, match=f"“{limit}” is not a whole number of 0 or more"):
        call_command("listjobs", f"--limit={limit}")


def test_showjob_shows_the_numbers_and_the_events():
    job = factories.make_job("processing", succeeded=24, failed=1, left=75)
    run("canceljob", str(job.pk))
    out, _, code = run("showjob", str(job.pk))
    assert "status: cancelled\n" in out
    assert "progress: 25 / 100 files (25%), 1 failed, cancelled\n" in out
    assert "items: 24 succeeded, 1 failed, 75 skipped\n" in out
    assert "cancel by " in out
    assert code == 0


def test_showjob_json_is_the_status_object():
    job = factories.make_job("processing", succeeded=24, failed=1, left=75)
    found = json.loads(run("showjob", str(job.pk), "--json")[0])
    assert found["id"] == str(job.pk)
    assert found["progress"] == {
        "total": 100, "processed": 25, "succeeded": 24, "failed": 1, "in_flight": 0,
        "pending": 75, "skipped": 0, "percent": 25, "warnings": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "wanted", "number"),
    [
        ("cancelled", "skipped", 4), ("cancelled", "failed", 3), ("cancelled", "processed", 5),
        ("processing", "pending", 4), ("processing", "skipped", 0), ("processing", "all", 9),
    ],
)  # fmt: skip
def test_showjob_lists_items_by_their_reported_status(state, wanted, number):
    job = factories.make_job(state, succeeded=2, failed=3, left=4)
    lines = run("showjob", str(job.pk), "--items", wanted)[0].splitlines()
    assert len(lines) == number
    objects = json.loads(run("showjob", str(job.pk), "--items", wanted, "--json")[0])
    assert [item["path"] for item in objects] == [line.split("\t")[1] for line in lines]
    if wanted == "failed":
        assert lines[0] == "failed\tfile-000002.txt\tThis file is broken"
        assert objects[0]["message"] == "This file is broken"


def test_showjob_shows_how_far_files_were_looked_into_and_what_that_makes():
    job = factories.make_job("completed", succeeded=2)
    job.items.filter(position=1).update(message="Hm", result={"checked": "checksum"})
    job.leases.update(totals='{"whole": 1, "not_looked_into": 1, "not_looked_into: rar": 1}')
    assert run("showjob", str(job.pk), "--items", "all")[0].splitlines() == [
        "succeeded\tfile-000000.txt\t",
        "succeeded\tfile-000001.txt\tHm\tchecksum only",
    ]
    terminal = on_terminal("showjob", str(job.pk), "--items", "all", "--no-color")
    assert "warning    file-000001.txt  Hm  checksum only" in terminal
    assert "summary: 1 whole · 1 not looked into: RAR 1\n" in run("showjob", str(job.pk))[0]


def test_showjob_lists_all_items_of_a_large_job_in_order():
    job = factories.make_job("cancelled", left=4_500)
    out = run("showjob", str(job.pk), "--items", "skipped", "--paths")[0]
    assert out.splitlines() == [f"file-{number:06}.txt" for number in range(4_500)]


def test_showjob_writes_paths_in_utf_8_whatever_the_encoding_of_the_stream():
    job = factories.make_job("cancelled", left=1, prefix="ü")
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    call_command("showjob", str(job.pk), "--items", "all", "--paths", stdout=stream)
    assert stream.buffer.getvalue() == "ü-000000.txt\n".encode()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--paths"],
        ["-0"],
        ["--items", "failed", "-0"],
        ["--items", "failed", "--paths", "--json"],
        ["--watch", "--items", "failed"],
    ],
)
def test_showjob_refuses_options_that_contradict_each_other(arguments):
    job = factories.make_job("completed", succeeded=1)
    assert run("showjob", str(job.pk), *arguments)[2] == 2


def test_showjob_watch_returns_at_once_for_a_finished_job():
    job = factories.make_job("completed", succeeded=2, failed=1)
    out, _, code = run("showjob", str(job.pk), "--watch")
    assert out == "3 / 3 files (100%), 1 failed\n"
    assert code == 0


@pytest.mark.parametrize("given", ["5c0f1a2b", "5C0F1A2B00004000", "5c0f1a2b-0000"])
def test_a_job_is_found_by_a_unique_beginning_of_its_id(given):
    job = factories.make_job("processing", left=2, id="5c0f1a2b-0000-4000-8000-000000000001")
    factories.make_job("processing", left=2, id="5c0f1a2c-0000-4000-8000-000000000001")
    assert str(find_job(given).pk) == job.pk


def test_a_beginning_that_matches_several_jobs_is_refused():
    for last in range(7):
        factories.make_job("processing", left=2, id=f"5c0f1a2b-0000-4000-8000-00000000000{last}")
    out, err, code = run("canceljob", "5c0f")
    assert err.startswith("Error: The id “5c0f” matches more than one job: 5c0f1a2b-0000")
    assert (out, code, err.count("\n")) == ("", 1, 1)
    assert Job.objects.filter(status="processing").count() == 7


@pytest.mark.parametrize("command", [*ACTIONS, "deletejob", "showjob"])
@pytest.mark.parametrize("unknown", ["5c0f", "nonsense"])
def test_an_unknown_id_is_one_line_and_exit_code_1(command, unknown):
    message = "Job not found or already completed" if command == "canceljob" else "Job not found"
    assert run(command, unknown) == ("", f"Error: {message}\n", 1)


def test_canceljob_writes_the_numbers_and_fails_for_a_job_that_has_ended():
    job = factories.make_job("processing", succeeded=2, failed=1, left=5)
    out = f"Cancelled {job.pk} Verify files: 2 succeeded, 1 failed, 5 skipped\n"
    assert run("canceljob", str(job.pk)) == (out, "", 0)
    assert run("canceljob", str(job.pk)) == ("", "Error: Job not found or already completed\n", 1)
    assert JobEvent.objects.count() == 1


def test_canceljob_cancels_the_active_ones_of_several_jobs():
    good, over, also = (
        factories.make_job("queued", left=1),
        factories.make_job("completed"),
        factories.make_job("paused", left=1),
    )
    out, err, code = run("canceljob", str(good.pk), str(over.pk), "nonsense", str(also.pk))
    assert err == (
        f"Error: {over.pk}: Job not found or already completed\n"
        "Error: nonsense: Job not found or already completed\n"
    )
    assert (out.count("Cancelled"), code) == (2, 1)
    assert (status(good), status(also)) == ("cancelled", "cancelled")


def test_canceljob_all_writes_how_many_it_has_cancelled():
    for one in ("queued", "processing", "paused", "completed"):
        factories.make_job(one, left=1)
    assert run("canceljob", "--all") == ("Cancelled 3 jobs.\n", "", 0)
    assert json.loads(run("canceljob", "--all", "--json")[0]) == {"success": True, "cancelled": 0}


@pytest.mark.parametrize("arguments", [[], ["--all", "5c0f"]])
def test_canceljob_requires_either_ids_or_all(arguments):
    assert run("canceljob", *arguments)[2] == 2


@pytest.mark.parametrize(
    ("command", "before", "numbers", "after", "code"),
    [
        ("pausejob", "processing", {"left": 3}, "paused", 0),
        ("pausejob", "completed", {"succeeded": 3}, "completed", 1),
        ("resumejob", "paused", {"left": 3}, "queued", 0),
        ("resumejob", "completed", {"succeeded": 3}, "completed", 1),
        ("retryjob", "completed", {"succeeded": 1, "failed": 2}, "queued", 0),
        ("retryjob", "processing", {"left": 1}, "processing", 1),
    ],
)
def test_pausejob_resumejob_and_retryjob_report_success_or_an_error(
    command, before, numbers, after, code
):
    job = factories.make_job(before, **numbers)
    out, err, found = run(command, str(job.pk))
    assert (status(job), found) == (after, code)
    assert bool(err) == bool(code)
    assert (str(job.pk) in out) == (not code)
    answer = json.loads(run(command, str(job.pk), "--json")[0])[0]
    assert set(answer) in ({"id", "success"}, {"id", "error"})


@pytest.mark.parametrize("command", ["resumejob", "retryjob"])
@pytest.mark.parametrize("options", [[], ["--skip-changed"]])
def test_resumejob_and_retryjob_pass_on_whether_to_skip_changed_files(command, options):
    job = factories.make_job("cancelled", succeeded=1, failed=1, left=1)
    assert run(command, str(job.pk), *options)[2] == 0
    event = JobEvent.objects.get(job=job)
    assert bool(event.message) == bool(options)
    assert status(job) == "queued"


def test_resumejob_processes_the_files_with_the_error_that_paused_the_job_again():
    job = factories.make_job("paused", failed=2, left=1, repeated_error="This file is broken")
    assert run("resumejob", str(job.pk), "--retry-failed", "same_error")[2] == 0
    assert job.items.filter(status="pending").count() == 3
    other = factories.make_job("paused", failed=2, left=1)
    _, err, code = run("resumejob", str(other.pk), "--retry-failed", "same_error")
    assert (code, err.startswith("Error: This job was not paused")) == (1, True)


def test_deletejob_deletes_finished_jobs_and_refuses_others():
    over, also = (
        factories.make_job("completed", succeeded=2, failed=1),
        factories.make_job("cancelled", left=1),
    )
    running, ending = (
        factories.make_job("processing", left=1),
        factories.make_job("cancelled", running=1),
    )
    jobs = [str(job.pk) for job in (over, running, ending, also)]
    out, err, code = run("deletejob", *jobs)
    assert out == (
        f"Deleted {over.pk} Verify files: 2 succeeded, 1 failed\n"
        f"Deleted {also.pk} Verify files: 1 skipped\n"
    )
    message = "The job is still active. Cancel it first, then delete it."
    assert err == f"Error: {running.pk}: {message}\nError: {ending.pk}: {message}\n"
    assert code == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {running.pk, ending.pk}
    assert not JobItem.objects.filter(job__in=[over.pk, also.pk]).exists()


def test_deletejob_json_is_an_array_of_answers():
    over, running = (
        factories.make_job("completed", succeeded=1),
        factories.make_job("processing", left=1),
    )
    out, _, code = run("deletejob", str(over.pk), str(running.pk), "--json")
    message = "The job is still active. Cancel it first, then delete it."
    assert json.loads(out) == [
        {"id": str(over.pk), "success": True}, {"id": str(running.pk), "error": message},
    ]  # fmt: skip
    assert code == 1


@pytest.fixture
def outputs_of(tmp_path, settings):
    """Gives a job two outputs of 1.5 KB. Returns their folder."""
    settings.DATA_DIR = tmp_path

    def made(job):
        folder = tmp_path / "outputs" / job.operation / str(job.pk)
        (folder / "b.out").mkdir(parents=True)
        (folder / "b.out" / "one").write_bytes(b"x" * 1024)
        (folder / "b.out" / "two").write_bytes(b"x" * 512)
        return folder

    return made


@pytest.mark.parametrize(
    ("options", "answer", "left"),
    [([], b"y\n", 0), ([], b"Yes\n", 0), ([], b"\n", 1), ([], b"\x04", 1), (["--yes"], b"", 0)],
)
def test_deletejob_on_a_terminal_lists_the_jobs_and_asks(monkeypatch, options, answer, left):
    master, slave = pty.openpty()
    os.write(master, answer)
    job = factories.make_job("completed", succeeded=1)
    with os.fdopen(slave) as terminal, os.fdopen(master, "wb"):
        monkeypatch.setattr("sys.stdin", terminal)
        _, err, code = run("deletejob", str(job.pk)[:8], *options)
    assert Job.objects.count() == left
    assert code == left
    question = (
        f"{job.pk} Verify files: 1 succeeded\nDelete permanently, with items and events? [y/N] "
    )
    assert err == ("" if options else question + ("Error: Nothing was deleted.\n" if left else ""))


def test_deletejob_names_the_outputs_that_go(monkeypatch, outputs_of):
    job = factories.make_job("completed", succeeded=1)
    folder = outputs_of(job)
    master, slave = pty.openpty()
    os.write(master, b"y\n")
    with os.fdopen(slave) as terminal, os.fdopen(master, "wb"):
        monkeypatch.setattr("sys.stdin", terminal)
        _, err, code = run("deletejob", str(job.pk))
    assert "with items, events and 2 output files (1.5 KB)? [y/N]" in err
    assert code == 0
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "answer", "left"), [([], b"y\n", 0), ([], b"\n", 1), (["--yes"], b"", 0)]
)
def test_prunejobs_on_a_terminal_names_the_outputs_and_asks(
    monkeypatch, outputs_of, options, answer, left
):
    job = factories.make_job("completed", succeeded=1)
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=40))
    folder = outputs_of(job)
    master, slave = pty.openpty()
    os.write(master, answer)
    with os.fdopen(slave) as terminal, os.fdopen(master, "wb"):
        monkeypatch.setattr("sys.stdin", terminal)
        _, err, code = run("prunejobs", "--older-than", "30", *options)
    question = "Delete 1 job and 2 output files (1.5 KB) permanently? [y/N] "
    assert err.startswith(question) == (not options)
    assert (Job.objects.count(), folder.exists(), code) == (left, bool(left), left)


def test_prunejobs_deletes_only_jobs_that_ended_long_ago():
    long_ago = timezone.now() - timedelta(days=40)
    old = factories.make_job("completed", succeeded=12_000)
    Job.objects.filter(pk=old.pk).update(finished_at=long_ago)
    recent = factories.make_job("completed", succeeded=1)
    active = factories.make_job("processing", left=1, created_at=long_ago)
    ending = factories.make_job("cancelled", running=1)
    Job.objects.filter(pk=ending.pk).update(finished_at=long_ago)
    out, err, code = run("prunejobs", "--older-than", "30")
    assert out == f"{old.pk}\t{long_ago:%Y-%m-%d}\tVerify files\n"
    assert (err, code) == ("Deleted 1 job.\n", 0)
    assert set(Job.objects.values_list("pk", flat=True)) == {recent.pk, active.pk, ending.pk}
    assert not JobItem.objects.filter(job=old.pk).exists()
    assert json.loads(run("prunejobs", "--older-than", "30", "--json")[0]) == {"deleted": 0}


@pytest.mark.parametrize("days", ["x", "-1", "nan", "1e9"])
def test_prunejobs_refuses_an_age_that_no_job_can_have(days):
    with pytest.raises(CommandError, match=f"“{days}” is not a number from 0 to 100,000"):
        call_command("prunejobs", "--older-than", days)


COMMANDS_ABOUT_JOBS = (
    *ACTIONS, "deletejob", "startjob", "showjob", "listjobs", "prunejobs", "scanlibrary",
)  # fmt: skip


@pytest.mark.parametrize("name", [*COMMANDS_ABOUT_JOBS, "serve", "runcluster", "qcluster"])
def test_help_has_examples_and_exit_codes(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    text = load_command_class("jobs", name).create_parser("manage.py", name).format_help()
    assert f"\n  manage.py {name}" in text
    assert ("exit codes:\n  0 " in text) is (name in COMMANDS_ABOUT_JOBS)
    assert max(map(len, text.splitlines())) <= 100


DECEIVING = "\u202egpj\x1b[31m\x9b0m\u2028"
WRITTEN_OUT = r"\u202egpj\x1b[31m\x9b0m\u2028"


@pytest.fixture
def deceiving_job():
    """A failed item whose path, like the job's label and error, would deceive a reader."""
    return factories.make_job(
        "failed", failed=1, prefix=DECEIVING, label=DECEIVING, error=f"Error: {DECEIVING}"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["listjobs"],
        ["showjob", "{job}"],
        ["showjob", "{job}", "--items", "failed"],
        ["showjob", "{job}", "--items", "failed", "--paths"],
        ["showjob", "{job}", "--items", "failed", "--paths", "-0"],
    ],
    ids=" ".join,
)
def test_a_terminal_gets_deceiving_characters_written_out(deceiving_job, arguments):
    shown = on_terminal(*(part.format(job=deceiving_job.pk) for part in arguments), "--no-color")
    assert WRITTEN_OUT in shown
    assert not set(shown) & set("\u202e\x1b\x9b\u2028")


def test_paths_for_a_program_are_those_of_the_files(deceiving_job):
    listed = ["showjob", str(deceiving_job.pk), "--items", "failed", "--paths"]
    key = f"{DECEIVING}-000000.txt"
    assert run(*listed)[0] == key.replace("\x1b", r"\x1b") + "\n", "only a line is kept a line"
    assert run(*listed, "-0")[0] == key + "\0"
