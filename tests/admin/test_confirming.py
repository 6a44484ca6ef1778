"""The page that asks: what it says of jobs that are not as usual."""

import re

import pytest
from django.urls import reverse

from tests.admin import people
from tests.admin.forms import ask, form_of
from tests.admin.unready import unprepared_job
from tests.support import rows

pytestmark = pytest.mark.django_db


def buttons(client, job):
    page = client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    return re.findall(r"/act/(\w+)/", page)


@pytest.mark.parametrize(
    ("action", "status", "numbers", "sentence"),
    [
        ("resume", "completed", {"succeeded": 3}, "every item has been processed (3 succeeded)"),
        ("retry", "completed", {"succeeded": 3}, "no item has failed (3 succeeded)"),
        ("delete", "cancelled", {"running": 1}, "what was started (1) has not ended yet"),
    ],
)
def test_what_cannot_be_done_is_said_and_not_offered(action, status, numbers, sentence):
    job = rows.job(status, **numbers)
    client = people.boss()
    asked = ask(client, action, job)
    assert f"Nothing: {sentence}." in asked.content.decode()
    assert form_of(asked) is None
    assert action not in buttons(client, job)


def test_what_an_unprepared_job_does_not_allow_is_said_too():
    job = unprepared_job("cancelled", failed=1, left=1)
    client = people.boss()
    asked = ask(client, "retry", job)
    sentence = "it was still being prepared when it ended. Resume it first"
    assert f"Nothing: {sentence}." in asked.content.decode()
    assert form_of(asked) is None
    assert "retry" not in buttons(client, job)


def test_what_is_possible_for_one_job_of_several_can_be_confirmed():
    asked = ask(
        people.boss(), "resume", rows.job("completed", succeeded=3), rows.job("paused", left=2)
    )
    assert "2 items that had not been processed will be." in asked.content.decode()
    assert form_of(asked) is not None


@pytest.mark.parametrize(
    ("kind", "action", "status", "sentence"),
    [
        ("library", "cancel", "queued", "At least 7,000 items will not be processed."),
        ("own", "cancel", "queued", "At least 7,000 items will not be processed."),
        ("library", "pause", "queued", "At least 7,000 items will wait."),
        ("own", "resume", "paused", "At least 7,000 items that had not been processed will be."),
        ("library", "resume", "cancelled", "At least 7,000 items that had not been processed"),
        ("check", "cancel", "queued", "About 7,000 items will not be processed."),
    ],
)
def test_a_job_that_is_still_being_prepared_may_have_more_items(kind, action, status, sentence):
    job = unprepared_job(status, kind, total=7_000)
    assert sentence in ask(people.boss(), action, job).content.decode()


def test_a_retry_that_was_cut_short_can_be_carried_on():
    job = unprepared_job("cancelled", "retry", succeeded=1, left=2)
    client = people.boss()
    assert "A retry that was cut short will go on." in ask(client, "retry", job).content.decode()
    assert "retry" in buttons(client, job)


def test_a_paused_job_whose_items_have_all_ended_can_be_completed():
    job = rows.job("paused", succeeded=3)
    text = ask(people.boss(), "resume", job).content.decode()
    assert "Nothing is left to process: the job will be completed." in text
