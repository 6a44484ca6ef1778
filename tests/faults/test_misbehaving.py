"""Items that crash, exit, hang or eat memory fail with a sentence; the rest of the job goes on."""

import pytest

from jobs import services
from jobs.models import JobItem
from tests.faults.conftest import QUICK
from tests.support.books import check_books, check_runs
from tests.support.processes import described, marked
from tests.support.setups import SETUPS
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
    "odd_result": ("The result cannot be kept as JSON", 1),
}


@pytest.fixture(scope="module", params=SETUPS)
def site(request, module_site_factory):
    """With a cluster that all tests of the module share, whatever an item did to its workers."""
    found = module_site_factory(request.param, workers=2, **QUICK)
    found.start_cluster(JOBS_WORKER_MEMORY_MB="512")
    return found


def messages(job):
    rows = JobItem.objects.filter(job=job, status="failed").values_list(
        "key", "message", "attempts"
    )
    return {key.partition(" ")[2]: (message, attempts) for key, message, attempts in rows}


def test_each_fails_with_its_sentence_and_the_rest_is_done(site):
    script = {str(3 * number): name for number, name in enumerate(SENTENCES)}

    job = site.start_job(count=60, script=script, seconds=0.005)

    found = site.wait_for_end(job, seconds=90)
    assert found["status"] == "completed"
    assert found["progress"]["failed"] == len(SENTENCES)
    assert found["active_seconds"] < 30, "they cost the job seconds, not minutes"
    told = messages(job)
    for name, (sentence, attempts) in SENTENCES.items():
        assert told[name][0].startswith(sentence), (name, told[name])
        assert told[name][1] == attempts, (name, told[name])
    check_books(site, job)
    runs = check_runs(site, job)
    assert {key: times for key, times in runs.items() if times > 1} == {
        f"{3 * number} {name}": attempts
        for number, (name, (_, attempts)) in enumerate(SENTENCES.items())
        if attempts > 1
    }


@pytest.mark.parametrize("way", ["loop", "hang", "deaf"])
def test_an_item_that_never_ends_is_stopped_at_its_limit(site, way):
    job = site.start_job("act-quickly", count=8, script={"2": way})

    found = site.wait_for_end(job, seconds=30)
    assert found["progress"] == found["progress"] | {"succeeded": 7, "failed": 1}
    sentence = "Took longer than 1 seconds, the limit of this operation, and was stopped"
    assert messages(job) == {way: (sentence, 1)}


def test_a_program_that_an_item_has_left_behind_ends_with_it(site):
    job = site.start_job("act-once", count=2, script={"0": "orphan"})

    assert site.wait_for_end(job)["progress"]["failed"] == 1
    wait_until(lambda: not any("time.sleep" in line for line in described(marked(site.mark))))


def test_twenty_equal_errors_in_a_row_pause_the_job_and_burn_nothing(site):
    script = {str(number): "disk_full" for number in range(10, 300)}

    job = site.start_job(count=300, script=script)

    site.wait_for(job, status="paused")
    found = check_books(site, job)
    assert found["notice"] == "Paused after 20 equal errors: No space left on device"
    assert found["progress"]["succeeded"] == 10
    assert 20 <= found["progress"]["failed"] <= 24
    assert found["progress"]["pending"] >= 266


def test_findings_about_files_pause_nothing(site):
    job = site.start_job(count=60, script={str(number): "finding" for number in range(60)})

    found = site.wait_for_end(job)
    assert (found["status"], found["progress"]["failed"]) == ("completed", 60)


def test_a_job_fails_at_its_failure_limit(site):
    script = {str(number): "error" for number in range(0, 200, 2)}

    job = services.start_job("act", parameters={"count": 200, "script": script}, failure_limit=5)

    site.wait_for(job, status="failed")
    found = check_books(site, job)
    assert found["error"].startswith("Stopped after ")
    assert found["error"].endswith(" failures: the limit of this job is 5.")
    assert 6 <= found["progress"]["failed"] <= 8
    assert found["progress"]["skipped"] > 150
