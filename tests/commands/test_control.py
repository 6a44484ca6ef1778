"""listjobs, showjob, canceljob, pausejob, resumejob, retryjob, prunejobs."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.utils import timezone

from jobs.models import Job, JobEvent, JobItem
from tests.support import rows

pytestmark = pytest.mark.django_db
ACTIONS = ("canceljob", "pausejob", "resumejob", "retryjob")


def run(*arguments):
    """What the command wrote: (standard output, standard error, exit code)."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as error:
        if "Error: " not in err.getvalue():  # written already, one for each job
            err.write(f"{error}\n")
        code = error.returncode
    return out.getvalue(), err.getvalue(), code


def status(job):
    return Job.objects.values_list("status", flat=True).get(pk=job.pk)


def test_listjobs_writes_a_line_for_each_job_the_newest_first():
    first = rows.job("completed", succeeded=2, failed=1, label="Two\nlines")
    second = rows.job("queued", left=5)
    out, err, code = run("listjobs")
    lines = [line.split("\t") for line in out.splitlines()]
    assert [line[:5] for line in lines] == [
        [str(second.pk), "queued", "0", "5", "0"],
        [str(first.pk), "completed", "3", "3", "1"],
    ]
    assert lines[1][6] == "Two\\x0alines"
    assert (err, code) == ("", 0)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("paused", {"paused"}),
        ("active", {"queued", "processing", "paused"}),
        ("ended", {"completed", "cancelled", "failed"}),
    ],
)
def test_listjobs_is_limited_to_a_status(wanted, found):
    for one in ("queued", "processing", "paused", "completed", "cancelled", "failed"):
        rows.job(one, left=1)
    told = json.loads(run("listjobs", "--status", wanted, "--json")[0])
    assert {job["status"] for job in told} == found


def test_listjobs_has_a_limit():
    for _ in range(3):
        rows.job("queued", left=1)
    assert len(json.loads(run("listjobs", "--limit", "2", "--json")[0])) == 2
    assert len(json.loads(run("listjobs", "--limit", "0", "--json")[0])) == 3


def test_showjob_tells_the_numbers_and_the_events():
    job = rows.job("processing", succeeded=24, failed=1, left=75)
    run("canceljob", str(job.pk))
    out, _, code = run("showjob", str(job.pk))
    assert "status: cancelled\n" in out
    assert "progress: 25 / 100 files (25%), 1 failed, cancelled\n" in out
    assert "items: 24 succeeded, 1 failed, 75 skipped\n" in out
    assert "cancel by " in out
    assert code == 0


def test_showjob_json_is_the_status_object():
    job = rows.job("processing", succeeded=24, failed=1, left=75)
    found = json.loads(run("showjob", str(job.pk), "--json")[0])
    assert found["id"] == str(job.pk)
    assert found["progress"] == {
        "total": 100, "processed": 25, "succeeded": 24, "failed": 1, "in_flight": 0,
        "pending": 75, "skipped": 0, "percent": 25,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "wanted", "number"),
    [
        ("cancelled", "skipped", 4), ("cancelled", "failed", 3), ("cancelled", "processed", 5),
        ("processing", "pending", 4), ("processing", "skipped", 0), ("processing", "all", 9),
    ],
)  # fmt: skip
def test_showjob_lists_items_by_their_reported_status(state, wanted, number):
    job = rows.job(state, succeeded=2, failed=3, left=4)
    lines = run("showjob", str(job.pk), "--items", wanted)[0].splitlines()
    assert len(lines) == number
    told = json.loads(run("showjob", str(job.pk), "--items", wanted, "--json")[0])
    assert [item["path"] for item in told] == [line.split("\t")[1] for line in lines]
    if wanted == "failed":
        assert lines[0] == "failed\tfile-000002.txt\tThis file is broken"
        assert told[0]["message"] == "This file is broken"


def test_all_items_of_a_large_job_are_listed_in_order():
    job = rows.job("cancelled", left=4_500)
    out = run("showjob", str(job.pk), "--items", "skipped", "--paths")[0]
    assert out.splitlines() == [f"file-{number:06}.txt" for number in range(4_500)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--paths"], 2),
        (["-0"], 2),
        (["--items", "failed", "-0"], 2),
        (["--items", "failed", "--paths", "--json"], 2),
        (["--watch", "--items", "failed"], 2),
    ],
)
def test_showjob_refuses_options_that_do_not_fit(arguments, code):
    job = rows.job("completed", succeeded=1)
    assert run("showjob", str(job.pk), *arguments)[2] == code


def test_watching_a_job_that_is_over_ends_at_once():
    job = rows.job("completed", succeeded=2, failed=1)
    out, _, code = run("showjob", str(job.pk), "--watch")
    assert out == "3 / 3 files (100%), 1 failed\n"
    assert code == 0


@pytest.mark.parametrize(
    "give", [lambda pk: str(pk)[:7], lambda pk: pk.hex.upper(), lambda pk: str(pk)[:13]]
)
def test_an_id_may_be_shortened(give):
    job = rows.job("processing", left=2, id="5c0f1a2b-0000-4000-8000-000000000001")
    rows.job("processing", left=2, id="5c0f1a2c-0000-4000-8000-000000000001")
    job.refresh_from_db()
    given = (
        give(job.pk).replace("5c0f1a2", "5c0f1a2b", 1) if len(give(job.pk)) < 8 else give(job.pk)
    )
    assert run("canceljob", given)[2] == 0
    assert status(job) == "cancelled"
    assert Job.objects.filter(status="processing").count() == 1


def test_a_beginning_that_fits_several_jobs_is_refused():
    for last in range(7):
        rows.job("processing", left=2, id=f"5c0f1a2b-0000-4000-8000-00000000000{last}")
    out, err, code = run("canceljob", "5c0f")
    assert err.startswith("Error: The id “5c0f” fits more than one job: 5c0f1a2b-0000")
    assert (out, code, err.count("\n")) == ("", 1, 1)
    assert Job.objects.filter(status="processing").count() == 7


@pytest.mark.parametrize(
    "wrong", ["5c0f", "nonsense", "", "f" * 33, "00000000-0000-0000-0000-000000000000"]
)
@pytest.mark.parametrize("command", [*ACTIONS, "deletejob", "showjob"])
def test_a_wrong_id_is_one_line_and_exit_code_1(command, wrong):
    out, err, code = run(command, wrong)
    expected = "Job not found or already completed" if command == "canceljob" else "Job not found"
    assert err.removeprefix("Error: ") == f"{expected}\n"
    assert (out, code) == ("", 1)


@pytest.mark.parametrize("ended", ["completed", "cancelled", "failed"])
def test_cancelling_an_ended_job_says_what_the_api_says(ended):
    job = rows.job(ended, succeeded=1, left=2)
    assert run("canceljob", str(job.pk)) == ("", "Error: Job not found or already completed\n", 1)
    assert not JobEvent.objects.exists()


def test_cancel_tells_what_was_done_and_a_second_one_fails():
    job = rows.job("processing", succeeded=2, failed=1, left=5)
    out, err, code = run("canceljob", str(job.pk))
    assert out == f"Cancelled {job.pk} Verify files: 2 succeeded, 1 failed, 5 skipped\n"
    assert (err, code) == ("", 0)
    assert run("canceljob", str(job.pk))[2] == 1


def test_of_several_ids_the_right_ones_are_done():
    good, over, also = rows.job("queued", left=1), rows.job("completed"), rows.job("paused", left=1)
    out, err, code = run("canceljob", str(good.pk), str(over.pk), "nonsense", str(also.pk))
    assert err == (
        f"Error: {over.pk}: Job not found or already completed\n"
        "Error: nonsense: Job not found or already completed\n"
    )
    assert (out.count("Cancelled"), code) == (2, 1)
    assert (status(good), status(also)) == ("cancelled", "cancelled")


def test_cancel_all_says_how_many():
    for one in ("queued", "processing", "paused", "completed"):
        rows.job(one, left=1)
    assert run("canceljob", "--all") == ("Cancelled 3 jobs.\n", "", 0)
    assert run("canceljob", "--all")[0] == "Cancelled 0 jobs.\n"
    assert json.loads(run("canceljob", "--all", "--json")[0]) == {"success": True, "cancelled": 0}


@pytest.mark.parametrize("arguments", [[], ["--all", "5c0f"]])
def test_canceljob_wants_ids_or_all(arguments):
    assert run("canceljob", *arguments)[2] == 2


@pytest.mark.parametrize(
    ("command", "before", "numbers", "after", "code"),
    [
        ("pausejob", "processing", {"left": 3}, "paused", 0),
        ("pausejob", "completed", {"succeeded": 3}, "completed", 1),
        ("resumejob", "paused", {"left": 3}, "queued", 0),
        ("resumejob", "cancelled", {"succeeded": 1, "left": 3}, "queued", 0),
        ("resumejob", "completed", {"succeeded": 3}, "completed", 1),
        ("retryjob", "completed", {"succeeded": 1, "failed": 2}, "queued", 0),
        ("retryjob", "completed", {"succeeded": 1}, "completed", 1),
        ("retryjob", "processing", {"left": 1}, "processing", 1),
    ],
)
def test_pause_resume_and_retry_do_what_the_job_allows(command, before, numbers, after, code):
    job = rows.job(before, **numbers)
    out, err, found = run(command, str(job.pk))
    assert (status(job), found) == (after, code)
    assert bool(err) == bool(code)
    assert (str(job.pk) in out) == (not code)
    told = json.loads(run(command, str(job.pk), "--json")[0])[0]
    assert set(told) in ({"id", "success"}, {"id", "error"})


@pytest.mark.parametrize("command", ["resumejob", "retryjob"])
def test_resume_and_retry_can_leave_out_what_has_changed(command):
    job = rows.job("cancelled", succeeded=1, failed=1, left=1)
    assert run(command, str(job.pk), "--leave-out-changed")[2] == 0
    job.refresh_from_db()
    assert (job.status, job.preparation["unchanged_only"]) == ("queued", True)


def test_deletejob_deletes_jobs_that_are_over_and_tells_what_they_were():
    over, also = rows.job("completed", succeeded=2, failed=1), rows.job("cancelled", left=1)
    running, ending = rows.job("processing", left=1), rows.job("cancelled", running=1)
    jobs = [str(job.pk) for job in (over, running, ending, also)]
    out, err, code = run("deletejob", *jobs)
    assert out == (
        f"Deleted {over.pk} Verify files: 2 succeeded, 1 failed\n"
        f"Deleted {also.pk} Verify files: 1 skipped\n"
    )
    told = "The job is still active. Cancel it first, then delete it."
    assert err == f"Error: {running.pk}: {told}\nError: {ending.pk}: {told}\n"
    assert code == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {running.pk, ending.pk}
    assert not JobItem.objects.filter(job__in=[over.pk, also.pk]).exists()


def test_deletejob_answers_in_json():
    over, running = rows.job("completed", succeeded=1), rows.job("processing", left=1)
    out, _, code = run("deletejob", str(over.pk), str(running.pk), "--json")
    assert json.loads(out) == [
        {"id": str(over.pk), "success": True},
        {
            "id": str(running.pk),
            "error": "The job is still active. Cancel it first, then delete it.",
        },
    ]
    assert code == 1


@pytest.mark.parametrize(
    ("options", "answer", "left"),
    [([], "y\n", 0), ([], "Yes\n", 0), ([], "\n", 1), ([], "", 1), (["--yes"], "", 0)],
)
def test_on_a_terminal_deletejob_tells_the_jobs_and_asks(monkeypatch, options, answer, left):
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    job = rows.job("completed", succeeded=1)
    _, err, code = run("deletejob", str(job.pk)[:8], *options)
    assert Job.objects.count() == left
    assert code == left
    asked = f"{job.pk} Verify files: 1 succeeded\nDelete for good, with items and events? [y/N] "
    assert err == ("" if options else asked + ("Nothing was deleted.\n" if left else ""))


def test_prunejobs_deletes_what_ended_long_ago_and_nothing_else():
    long_ago = timezone.now() - timedelta(days=40)
    old = rows.job("completed", succeeded=12_000)
    Job.objects.filter(pk=old.pk).update(finished_at=long_ago)
    recent = rows.job("completed", succeeded=1)
    active = rows.job("processing", left=1, created_at=long_ago)
    ending = rows.job("cancelled", running=1)
    Job.objects.filter(pk=ending.pk).update(finished_at=long_ago)
    out, err, code = run("prunejobs", "--older-than", "30")
    assert out == f"{old.pk}\t{long_ago:%Y-%m-%d}\tVerify files\n"
    assert (err, code) == ("Deleted 1 job.\n", 0)
    assert set(Job.objects.values_list("pk", flat=True)) == {recent.pk, active.pk, ending.pk}
    assert not JobItem.objects.filter(job=old.pk).exists()
    assert json.loads(run("prunejobs", "--older-than", "30", "--json")[0]) == {"deleted": 0}


@pytest.mark.parametrize("days", ["x", "-1", "nan", "1e9"])
def test_prunejobs_wants_a_number_of_days(days):
    with pytest.raises(CommandError, match="is not a number of days"):
        call_command("prunejobs", "--older-than", days)


COMMANDS_ABOUT_JOBS = (
    *ACTIONS, "deletejob", "startjob", "showjob", "listjobs", "prunejobs", "scanlibrary",
)  # fmt: skip


@pytest.mark.parametrize("name", [*COMMANDS_ABOUT_JOBS, "serve", "runcluster", "qcluster"])
def test_help_has_examples_and_exit_codes(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    command = load_command_class("jobs", name)
    told = command.create_parser("manage.py", name).format_help()
    assert f"\n  manage.py {name}" in told
    assert ("exit codes:\n  0 " in told) is (name in COMMANDS_ABOUT_JOBS)
    assert max(map(len, told.splitlines())) <= 100
