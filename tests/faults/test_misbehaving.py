"""Items that crash, exit, hang or use up memory fail with a sentence; the job continues."""

import pytest

from jobs import services
from jobs.models import JobItem
from tests.faults.conftest import QUICK
from tests.support.invariants import check_runs, check_totals
from tests.support.processes import described, marked
from tests.support.stacks import STACKS
from tests.support.waiting import wait_until

DIED = "The worker died while processing this file (3 tries): "
SENTENCES = {
    "error": ("no good: ", 1),
    "finding": ("This file is broken", 1),
    "disk_full": ("No space left on device", 1),
    "system_exit": ("The operation tried to exit (SystemExit: 3)", 1),
    "interrupt": ("The operation was interrupted (KeyboardInterrupt)", 1),
    "exit_at_once": (f"{DIED}it exited with code 7", 3),
    "segfault": (f"{DIED}it crashed (SIGSEGV)", 3),
    "kill": (f"{DIED}it was killed", 3),
    "memory": ("It needed more memory than a worker may use", 1),
    "output": ("Printed more than 10 MB, the limit for one file", 1),
    "big_result": ("The result is too large: 100 MB, the limit is 64 KB", 1),
    "odd_result": ("The result cannot be stored as JSON", 1),
}


@pytest.fixture(scope="module", params=STACKS)
def site(request, module_site_factory):
    """With one cluster for all tests of the module: it survives whatever an item does."""
    found = module_site_factory(request.param, workers=2, **QUICK)
    found.start_cluster(JOBS_MAX_MEMORY_MB="512")
    return found


def messages(job):
    rows = JobItem.objects.filter(job=job, status="failed").values_list(
        "key", "message", "attempts"
    )
    return {key.partition(" ")[2]: (message, attempts) for key, message, attempts in rows}


def test_misbehaving_items_fail_with_their_sentences_and_the_others_succeed(site):
    script = {str(3 * number): name for number, name in enumerate(SENTENCES)}

    job = site.start_job(count=60, script=script, seconds=0.005)

    found = site.wait_for_end(job, seconds=90)
    assert found["status"] == "completed"
    assert found["progress"]["failed"] == len(SENTENCES)
    assert found["active_seconds"] < 30, "they take seconds, not minutes"
    failures = messages(job)
    for name, (sentence, attempts) in SENTENCES.items():
        assert failures[name][0].startswith(sentence), (name, failures[name])
        assert failures[name][1] == attempts, (name, failures[name])
    check_totals(site, job)
    runs = check_runs(site, job)
    assert {key: times for key, times in runs.items() if times > 1} == {
        f"{3 * number} {name}": attempts
        for number, (name, (_, attempts)) in enumerate(SENTENCES.items())
        if attempts > 1
    }


@pytest.mark.parametrize("way", ["loop", "hang", "deaf"])
def test_endless_item_is_stopped_at_its_time_limit(site, way):
    job = site.start_job("act-quickly", count=8, script={"2": way})

    found = site.wait_for_end(job, seconds=30)
    assert found["progress"] == found["progress"] | {"succeeded": 7, "failed": 1}
    sentence = "Took longer than 1 seconds, the limit of this operation, and was stopped"
    assert messages(job) == {way: (sentence, 1)}


@pytest.mark.parametrize("way", ["orphan", "daemon"])
def test_program_left_behind_by_an_item_is_ended(site, way):
    job = site.start_job("act-once", count=2, script={"0": way})

    assert site.wait_for_end(job)["progress"]["failed"] == 1
    wait_until(lambda: not any("time.sleep" in line for line in described(marked(site.mark))))


def test_twenty_equal_errors_in_a_row_pause_the_job_and_leave_the_rest_pending(site):
    script = {str(number): "disk_full" for number in range(10, 300)}

    job = site.start_job(count=300, script=script)

    site.wait_for(job, status="paused")
    found = check_totals(site, job)
    assert found["notice"] == "Paused after 20 equal errors: No space left on device"
    assert found["progress"]["succeeded"] == 10
    assert 20 <= found["progress"]["failed"] <= 24
    assert found["progress"]["pending"] >= 266


def test_findings_about_files_do_not_pause_the_job(site):
    job = site.start_job(count=60, script={str(number): "finding" for number in range(60)})

    found = site.wait_for_end(job)
    assert (found["status"], found["progress"]["failed"]) == ("completed", 60)


def test_job_fails_at_its_failure_limit(site):
    script = {str(number): "error" for number in range(0, 200, 2)}

    job = services.start_job("act", parameters={"count": 200, "script": script}, failure_limit=5)

    site.wait_for(job, status="failed")
    found = check_totals(site, job)
    assert found["error"].startswith("Stopped after ")
    assert found["error"].endswith(" failures: the limit of this job is 5.")
    assert 6 <= found["progress"]["failed"] <= 8
    assert found["progress"]["skipped"] > 150
