"""What staff can do to jobs in the admin, through its forms."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.urls import reverse

from jobs.models import Job, JobEvent
from tests.admin import people
from tests.support import rows

LIST = reverse("admin:jobs_job_changelist")
pytestmark = pytest.mark.django_db


def form_of(answer):
    """The address and the hidden fields of the confirming form on this page."""
    text = answer.content.decode()
    action, body = re.search(
        r'<form method="post" action="([^"]+)">(.*?)</form>', text, re.S
    ).groups()
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body)
    return unescape(action), {name: unescape(value) for name, value in fields}


def ask(client, action, *jobs, **more):
    """The page that asks, after an action was chosen for these jobs in the list."""
    data = {"action": f"{action}_jobs", "_selected_action": [str(job.pk) for job in jobs], **more}
    return client.post(LIST, {"index": 0, **data})


def confirm(client, asked):
    """What the person sees after pressing yes."""
    address, fields = form_of(asked)
    return client.post(address, fields, follow=True)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


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
        entry = LogEntry.objects.get(object_id=str(job.pk))
        assert (entry.user.username, entry.action_flag, entry.change_message) == (
            "boss",
            CHANGE,
            "Cancelled.",
        )
        event = JobEvent.objects.get(job=job)
        assert (event.kind, event.source, event.actor_name) == ("cancel", "admin", "boss")
    assert not LogEntry.objects.filter(object_id=str(over.pk)).exists()


def test_a_second_cancel_changes_nothing_and_says_so():
    job = rows.job("processing", left=2)
    client = people.boss()
    asked = ask(client, "cancel", job)
    confirm(client, asked)
    assert told(confirm(client, asked)) == ["1 had already been cancelled."]
    assert LogEntry.objects.count() == 1


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
    answer = confirm(client, ask(client, action, job))
    job.refresh_from_db()
    assert (job.status, told(answer)[0]) == (after, sentence)


def test_delete_removes_ended_jobs_with_their_items_and_logs_it():
    job = rows.job("completed", succeeded=50)
    client = people.boss()
    asked = ask(client, "delete", job)
    assert "The job, its 50 items and its events are gone for good." in asked.content.decode()
    assert told(confirm(client, asked)) == ["1 deleted."]
    assert not Job.objects.exists()
    entry = LogEntry.objects.get()
    assert (entry.action_flag, entry.object_id, entry.object_repr) == (
        DELETION,
        str(job.pk),
        str(job),
    )


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


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]
)
def test_the_way_back_never_leaves_the_site(target):
    job = rows.job("processing", left=1)
    client = people.boss()
    address, fields = form_of(ask(client, "cancel", job))
    answer = client.post(address, {**fields, "back": target})
    assert answer.headers["Location"] == LIST


def test_nothing_is_done_by_looking():
    job = rows.job("processing", left=1)
    client = people.boss()
    client.get(reverse("admin:jobs_job_act", args=["cancel"]), {"job": str(job.pk), "post": "yes"})
    job.refresh_from_db()
    assert job.status == "processing"


@pytest.mark.parametrize("ids", ["nonsense", ""])
def test_a_wrong_id_or_action_is_not_found(ids):
    client = people.boss()
    assert (
        client.get(reverse("admin:jobs_job_act", args=["cancel"]), {"job": ids}).status_code == 404
    )
    assert (
        client.get(reverse("admin:jobs_job_act", args=["explode"]), {"job": ids}).status_code == 404
    )
