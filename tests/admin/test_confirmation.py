"""What the confirmation page says of jobs in unusual states."""

import pytest

from tests.admin.forms import choose, submits
from tests.admin.people import superuser
from tests.admin.unprepared import unprepared_job
from tests.support import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("action", "status", "numbers", "sentence"),
    [
        ("cancel", "completed", {"succeeded": 3}, "it is completed (3 succeeded)"),
        ("resume", "completed", {"succeeded": 3}, "every item was processed (3 succeeded)"),
        ("retry", "completed", {"succeeded": 3}, "no item failed (3 succeeded)"),
        ("delete", "cancelled", {"running": 1}, "1 started item did not finish yet"),
    ],
)
def test_the_page_says_why_an_action_is_not_possible(action, status, numbers, sentence):
    page = choose(superuser(), action, factories.make_job(status, **numbers))
    assert f"Nothing: {sentence}." in page.content.decode()


def test_an_action_that_only_one_of_the_jobs_allows_can_be_confirmed():
    jobs = factories.make_job("completed", succeeded=3), factories.make_job("paused", left=2)
    page = choose(superuser(), "resume", *jobs)
    assert "2 unprocessed items will be processed." in page.content.decode()
    assert submits(page)


def test_delete_names_the_outputs_that_go(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    job = factories.make_job("completed", succeeded=3)
    folder = tmp_path / "outputs" / job.operation / str(job.pk)
    folder.mkdir(parents=True)
    (folder / "one").write_bytes(b"x" * 2048)
    page = choose(superuser(), "delete", job).content.decode()
    assert "The job, its 3 items, its events and its 1 output file (2.0 KB) will be deleted" in page


def test_cancel_mentions_running_items():
    page = choose(superuser(), "cancel", factories.make_job("processing", running=2, left=5))
    sentence = "5 items will not be processed. 2 running items will finish."
    assert sentence in page.content.decode()


@pytest.mark.parametrize(
    ("kind", "action", "status", "sentence"),
    [
        ("library", "cancel", "queued", "At least 7,000 items will not be processed."),
        ("own", "pause", "queued", "At least 7,000 items will wait."),
        ("own", "resume", "paused", "At least 7,000 unprocessed items will be processed."),
        ("check", "cancel", "queued", "About 7,000 items will not be processed."),
    ],
)
def test_the_numbers_of_an_unprepared_job_are_approximate(kind, action, status, sentence):
    job = unprepared_job(status, kind, total=7_000)
    assert sentence in choose(superuser(), action, job).content.decode()


def test_a_job_that_was_never_prepared_must_be_resumed_before_a_retry():
    page = choose(superuser(), "retry", unprepared_job("cancelled", failed=1, left=1))
    sentence = "it was still being prepared when it was stopped; resume it first"
    assert f"Nothing: {sentence}." in page.content.decode()


def test_an_interrupted_retry_can_be_continued():
    page = choose(superuser(), "retry", unprepared_job("cancelled", "retry", succeeded=1, left=2))
    assert "The interrupted retry will continue." in page.content.decode()
    assert submits(page)


def test_a_paused_job_without_unprocessed_items_can_be_completed():
    page = choose(superuser(), "resume", factories.make_job("paused", succeeded=3))
    sentence = "Nothing is left to process: the job will be completed."
    assert sentence in page.content.decode()
