"""What staff can do to jobs in the admin, through its forms."""

import re
from html import unescape

import pytest
from django.urls import reverse

from jobs.models import Job, JobEvent, JobItem
from tests.admin import people
from tests.admin.forms import LIST, act, ask, confirm, form_of, told
from tests.admin.unready import unprepared_job
from tests.support import rows

pytestmark = pytest.mark.django_db


def test_cancel_asks_first_and_names_what_will_happen():
    moving = rows.job("processing", succeeded=10, running=2, left=75)
    over = rows.job("completed", succeeded=3)
    asked = ask(people.boss(), "cancel", moving, over)
    text = asked.content.decode()
    assert "75 items will not be processed. What was started (2) runs to its end." in text
    assert "Nothing: it is completed (3 succeeded)." in text
    moving.refresh_from_db()
    assert moving.status == "processing"


def test_the_report_says_what_was_done_and_what_could_not_be():
    moving = [
        rows.job("processing", left=2),
        rows.job("queued", left=2),
        rows.job("paused", left=1),
    ]
    over = rows.job("completed", succeeded=3)
    client = people.boss()
    answer = confirm(client, ask(client, "cancel", *moving, over))
    assert told(answer)[0] == "3 cancelled, 1 had already completed."
    assert told(answer)[1] == f"{over} had already completed."
    assert set(Job.objects.exclude(pk=over.pk).values_list("status", flat=True)) == {"cancelled"}
    for job in moving:
        event = JobEvent.objects.get(job=job)
        assert (event.kind, event.source, event.actor_name) == ("cancel", "admin", "boss")


def test_a_second_cancel_changes_nothing_and_says_so():
    job = rows.job("processing", left=2)
    client = people.boss()
    asked = ask(client, "cancel", job)
    confirm(client, asked)
    assert told(confirm(client, asked)) == ["1 had already been cancelled."]


@pytest.mark.parametrize(
    ("action", "before", "numbers", "after", "sentence"),
    [
        ("pause", "processing", {"left": 3}, "paused", "1 paused."),
        ("pause", "completed", {"succeeded": 3}, "completed", "1 could not be paused (completed)."),
        ("resume", "paused", {"left": 3}, "queued", "1 resumed."),
        ("resume", "cancelled", {"succeeded": 1, "left": 3}, "queued", "1 resumed."),
        ("resume", "completed", {"succeeded": 3}, "completed", "1 had nothing left to process."),
        ("retry", "completed", {"succeeded": 1, "failed": 2}, "queued", "1 retried."),
        ("retry", "completed", {"succeeded": 1}, "completed", "1 had no failed items."),
        ("retry", "processing", {"left": 1}, "processing", "1 could not be retried (processing)."),
        ("delete", "processing", {"left": 3}, "processing", "1 was still active."),
        ("delete", "cancelled", {"running": 1, "left": 3}, "cancelled", "1 was still active."),
    ],
)  # fmt: skip
def test_each_action_does_what_the_job_allows(action, before, numbers, after, sentence):
    job = rows.job(before, **numbers)
    client = people.boss()
    asked = ask(client, action, job)
    # Where nothing is possible, there is nothing to press; a page may be older, though.
    assert (form_of(asked) is None) == (before == after)
    answer = confirm(client, asked) if form_of(asked) else act(client, action, job)
    job.refresh_from_db()
    assert (job.status, told(answer)[0]) == (after, sentence)


def test_a_job_that_was_not_prepared_is_to_be_resumed_first():
    job = unprepared_job("cancelled", failed=1, left=1)
    sentence = "1 was still being prepared when it ended and must be resumed first."
    assert told(act(people.boss(), "retry", job)) == [sentence]


def test_delete_removes_ended_jobs_with_their_items():
    job = rows.job("completed", succeeded=50)
    client = people.boss()
    asked = ask(client, "delete", job)
    assert "The job, its 50 items and its events are gone for good." in asked.content.decode()
    assert told(confirm(client, asked)) == ["1 deleted."]
    assert not Job.objects.exists()


def test_a_deleted_job_is_nowhere_although_its_rows_are_still_there(settings):
    settings.JOBS_PREPARE_ITEMS = 10
    large = rows.job("completed", succeeded=20, label="Large")
    small = rows.job("completed", succeeded=2, prefix="small", label="Small")
    client = people.boss()
    assert told(act(client, "delete", large)) == ["1 deleted."]
    items = reverse("admin:jobs_jobitem_changelist")
    for url in (LIST, items, f"{items}?job__id__exact={large.pk}", f"{items}?q=.txt"):
        assert "Large" not in client.get(url).content.decode()
    assert "small-000001.txt" in client.get(items).content.decode()
    assert not re.search(r"file-0", client.get(f"{items}?status=succeeded").content.decode())
    item = JobItem.objects.filter(job=large).first()
    for name, pk in (
        ("job_change", large.pk),
        ("job_history", large.pk),
        ("jobitem_change", item.pk),
    ):
        answer = client.get(reverse(f"admin:jobs_{name}", args=[pk]), follow=True)
        assert "doesn’t exist" in answer.content.decode(), name
    assert not client.get(reverse("admin:jobs_job_progress"), {"job": str(large.pk)}).json()["jobs"]
    assert Job.objects.get() == small


def test_delete_at_djangos_own_address_asks_and_deletes_in_the_same_way():
    job = rows.job("completed", succeeded=5)
    client = people.boss()
    address = reverse("admin:jobs_job_delete", args=[job.pk])
    assert "its 5 items" in client.get(address).content.decode()
    assert Job.objects.exists()
    assert told(client.post(address, {"post": "yes"}, follow=True)) == ["1 deleted."]
    assert not Job.objects.exists()


def test_an_action_can_be_taken_on_all_jobs_of_a_filtered_list():
    for _ in range(120):
        rows.job("queued", left=1)
    kept = rows.job("queued", left=1, operation="preview")
    client = people.boss()
    data = {
        "action": "cancel_jobs",
        "_selected_action": [str(Job.objects.filter(operation="verify")[0].pk)],
    }
    asked = client.post(f"{LIST}?operation=verify", {"index": 0, "select_across": 1, **data})
    assert "to 120 jobs" in asked.content.decode()
    assert "70 more jobs" in asked.content.decode()
    answer = confirm(client, asked)
    assert told(answer) == ["120 cancelled."]
    assert answer.redirect_chain[-1][0] == f"{LIST}?operation=verify"
    kept.refresh_from_db()
    assert kept.status == "queued"


def test_the_page_of_a_job_has_buttons_that_ask_too():
    job = rows.job("processing", succeeded=1, left=4)
    client = people.boss()
    page = client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    links = re.findall(r'href="([^"]*/act/(\w+)/[^"]*)"', page)
    assert [name for _, name in links] == ["cancel", "pause"]
    asked = client.get(unescape(links[0][0]))
    assert "4 items will not be processed." in asked.content.decode()
    answer = confirm(client, asked)
    assert told(answer) == ["1 cancelled."]
    assert answer.redirect_chain[-1][0] == reverse("admin:jobs_job_change", args=[job.pk])
    assert "cancel</td>" in answer.content.decode()


def test_a_job_that_was_deleted_meanwhile_is_told():
    job = rows.job("processing", left=1)
    client = people.boss()
    asked = ask(client, "cancel", job)
    Job.objects.all().delete()
    assert told(confirm(client, asked)) == ["1 no longer existed."]


def test_nothing_is_done_by_looking():
    job = rows.job("processing", left=1)
    client = people.boss()
    client.get(reverse("admin:jobs_job_act", args=["cancel"]), {"job": str(job.pk), "post": "yes"})
    job.refresh_from_db()
    assert job.status == "processing"
