"""The actions of the job list, through its forms."""

import re

import pytest
from django.urls import reverse

from jobs.models import Job, JobEvent, JobItem
from tests.admin.forms import LIST, choose, confirm, messages, perform, submits
from tests.admin.people import superuser
from tests.support import factories

pytestmark = pytest.mark.django_db


def test_an_action_is_performed_only_after_its_confirmation():
    job = factories.make_job("processing", succeeded=1, left=75)
    client = superuser()
    page = choose(client, "cancel", job)
    assert "75 items will not be processed." in page.content.decode()
    assert Job.objects.get().status == "processing"
    assert messages(confirm(client, page)) == ["1 cancelled."]
    assert Job.objects.get().status == "cancelled"
    event = JobEvent.objects.get()
    assert (event.kind, event.source, event.actor_name) == ("cancel", "admin", "boss")


def test_the_report_counts_what_was_done_and_gives_a_reason_for_each_refusal():
    active = [factories.make_job(status, left=2) for status in ("processing", "queued", "paused")]
    finished = factories.make_job("completed", succeeded=3)
    client = superuser()
    assert messages(confirm(client, choose(client, "cancel", *active, finished))) == [
        "3 cancelled, 1 not cancelled.",
        f"{finished}: Job not found or already completed",
    ]


@pytest.mark.parametrize(
    ("action", "before", "numbers", "after", "summary"),
    [
        ("pause", "processing", {"left": 3}, "paused", "1 paused."),
        ("resume", "cancelled", {"succeeded": 1, "left": 3}, "queued", "1 resumed."),
        ("retry", "completed", {"succeeded": 1, "failed": 2}, "queued", "1 retried."),
        ("retry", "paused", {"succeeded": 1, "failed": 2, "left": 1}, "queued", "1 retried."),
    ],
)
def test_an_action_that_the_job_allows_changes_its_status(action, before, numbers, after, summary):
    job = factories.make_job(before, **numbers)
    client = superuser()
    assert messages(confirm(client, choose(client, action, job))) == [summary]
    assert Job.objects.get().status == after


def test_a_resume_offers_the_items_with_the_error_that_paused_the_job():
    job = factories.make_job("paused", failed=2, left=1, repeated_error="This file is broken")
    plain = factories.make_job("paused", failed=2, left=1)
    client = superuser()
    assert "retry_failed" not in choose(client, "resume", plain).content.decode()
    page = choose(client, "resume", job, plain)
    assert "the error that paused the job: This file is broken" in page.content.decode()
    assert messages(confirm(client, page, retry_failed="yes")) == ["2 resumed."]
    assert job.items.filter(status="failed").count() == 0
    assert plain.items.filter(status="failed").count() == 2


@pytest.mark.parametrize(
    ("action", "status", "numbers", "reason"),
    [
        ("cancel", "cancelled", {"left": 1}, "Job not found or already completed"),
        ("pause", "completed", {"succeeded": 3}, "this one is completed."),
        ("resume", "completed", {"succeeded": 3}, "nothing is left to resume."),
        ("retry", "completed", {"succeeded": 1}, "there is nothing to retry."),
        ("delete", "cancelled", {"running": 1}, "Cancel it first, then delete it."),
    ],
)
def test_an_action_that_the_job_does_not_allow_is_not_offered_and_refused_with_a_reason(
    action, status, numbers, reason
):
    job = factories.make_job(status, **numbers)
    client = superuser()
    page = choose(client, action, job)
    assert "Nothing: " in page.content.decode()
    assert not submits(page)
    summary, problem = messages(perform(client, action, job))
    assert re.fullmatch(r"1 not \w+\.", summary)
    assert problem.startswith(f"{job}: ")
    assert problem.endswith(reason)
    assert Job.objects.get().status == status


def test_delete_removes_a_finished_job_with_its_items():
    job = factories.make_job("completed", succeeded=50)
    client = superuser()
    page = choose(client, "delete", job)
    assert "The job, its 50 items and its events will be deleted" in page.content.decode()
    assert messages(confirm(client, page)) == ["1 deleted."]
    assert not Job.objects.exists()


def test_a_deleted_job_is_not_shown_while_its_rows_still_exist(settings):
    settings.JOBS_INLINE_ITEMS = 10
    large = factories.make_job("completed", succeeded=20, label="Large")
    factories.make_job("completed", succeeded=2, prefix="small", label="Small")
    client = superuser()
    assert messages(perform(client, "delete", large)) == ["1 deleted."]
    item = JobItem.objects.filter(job=large).first()
    items = reverse("admin:jobs_jobitem_changelist")
    for url in (LIST, items, f"{items}?job__id__exact={large.pk}"):
        assert "Large" not in client.get(url).content.decode()
    text = client.get(items).content.decode()
    assert "small-000001.txt" in text
    assert "file-0" not in text
    for name, pk in (("job_change", large.pk), ("jobitem_change", item.pk)):
        answer = client.get(reverse(f"admin:jobs_{name}", args=[pk]), follow=True)
        assert "doesn’t exist" in answer.content.decode(), name


def test_an_action_applies_to_all_jobs_of_a_filtered_list_and_returns_to_it():
    for _ in range(60):
        factories.make_job("queued", left=1)
    kept = factories.make_job("queued", left=1, operation="preview")
    client = superuser()
    first = Job.objects.filter(operation="verify")[0]
    page = choose(client, "cancel", first, query="?operation=verify", select_across=1)
    text = page.content.decode()
    assert "Cancel: 60 jobs" in text
    assert "10 more selected jobs" in text
    answer = confirm(client, page)
    assert messages(answer) == ["60 cancelled."]
    assert answer.redirect_chain[-1][0] == f"{LIST}?operation=verify"
    assert Job.objects.exclude(status="cancelled").get() == kept


def test_a_confirmed_action_applies_to_the_listed_jobs_although_they_left_the_filter():
    job = factories.make_job("queued", left=1)
    client = superuser()
    page = choose(client, "cancel", job, query="?status__exact=queued", select_across=1)
    Job.objects.update(status="processing")
    later = factories.make_job("queued", left=1)
    assert messages(confirm(client, page)) == ["1 cancelled."]
    assert Job.objects.exclude(status="cancelled").get() == later


def test_the_page_of_a_job_has_buttons_for_the_actions_that_it_allows():
    job = factories.make_job("processing", succeeded=1, left=4)
    client = superuser()
    page = client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    forms = re.findall(
        r'<form method="post" action="([^"]+)">.*?name="action" value="(\w+)"', page, re.S
    )
    assert forms == [(f"{LIST}?q={job.pk}", name) for name in ("cancel", "pause")]
    asked = choose(client, "cancel", job, query=f"?q={job.pk}")
    answer = confirm(client, asked)
    assert messages(answer) == ["1 cancelled."]
    assert ">Cancelled<" in answer.content.decode()


def test_a_job_that_was_deleted_in_between_is_reported():
    job = factories.make_job("processing", left=1)
    client = superuser()
    page = choose(client, "cancel", job)
    Job.objects.all().delete()
    assert messages(confirm(client, page)) == [
        "1 not cancelled.",
        f"Deleted job ({job.pk}): Job not found or already completed",
    ]


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
@pytest.mark.parametrize("wrong", ["nonsense", "1", "\0"])
def test_a_malformed_id_is_answered_with_404(wrong, confirmed):
    job = factories.make_job("processing", left=1)
    data = {"action": "cancel", "_selected_action": wrong, "job_ids": f"{job.pk},{wrong}"}
    assert superuser().post(LIST, {**data, **confirmed}).status_code == 404
    assert Job.objects.get().status == "processing"
