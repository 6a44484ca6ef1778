"""Every action leaves an entry with the person in the admin's log, whatever happens to others."""

import dataclasses
import re

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.db import OperationalError
from django.urls import reverse

from jobs.admin import actions
from jobs.admin.jobs import JobAdmin
from jobs.models import Job
from tests.admin import people
from tests.admin.forms import act, told
from tests.support import rows

LOG = reverse("admin:admin_logentry_changelist")
pytestmark = pytest.mark.django_db


def break_service(monkeypatch, name, broken):
    """The database fails whenever this action is taken on this job."""
    action = actions.ACTIONS[name]

    def service(job_id, **options):
        if job_id == broken.pk:
            raise OperationalError("disk I/O error")
        action.service(job_id, **options)

    monkeypatch.setitem(actions.ACTIONS, name, dataclasses.replace(action, service=service))


@pytest.mark.parametrize(
    ("action", "status", "numbers", "flag", "message"),
    [
        ("cancel", "processing", {"left": 2}, CHANGE, "Cancelled."),
        ("pause", "processing", {"left": 2}, CHANGE, "Paused."),
        ("resume", "paused", {"left": 2}, CHANGE, "Resumed."),
        ("retry", "completed", {"failed": 2}, CHANGE, "Retried."),
        ("delete", "completed", {"succeeded": 2}, DELETION, ""),
    ],
)
def test_what_was_done_is_logged_with_the_person(action, status, numbers, flag, message):
    job = rows.job(status, **numbers)
    act(people.boss("anna"), action, job)
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.action_flag) == ("anna", flag)
    assert (entry.object_id, entry.object_repr) == (str(job.pk), str(job))
    assert entry.get_change_message() == message


def test_what_could_not_be_done_is_not_logged():
    act(people.boss(), "cancel", rows.job("completed", succeeded=1))
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("action", ["cancel", "delete"])
def test_an_error_of_the_database_neither_stops_the_rest_nor_loses_the_log(monkeypatch, action):
    status = "processing" if action == "cancel" else "completed"
    jobs = [rows.job(status, succeeded=1, prefix=name) for name in "abc"]
    break_service(monkeypatch, action, jobs[1])
    answer = act(people.boss(), action, *jobs)
    failed = f"could not be {actions.ACTIONS[action].done}: the database failed"
    assert told(answer) == [
        f"2 {actions.ACTIONS[action].done}, 1 {failed}.",
        f"{jobs[1]} {failed}.",
    ]
    logged = set(LogEntry.objects.values_list("object_id", flat=True))
    assert logged == {str(jobs[0].pk), str(jobs[2].pk)}


def test_an_entry_that_cannot_be_written_is_told_and_stops_nothing(monkeypatch):
    jobs = [rows.job("processing", left=1, prefix=name) for name in "ab"]

    def log_change(self, request, job, message):
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(JobAdmin, "log_change", log_change)
    answer = act(people.boss(), "cancel", *jobs)
    assert told(answer) == [
        "2 cancelled.",
        f"{jobs[0]} was cancelled, but that could not be logged.",
        f"{jobs[1]} was cancelled, but that could not be logged.",
    ]
    assert {job.status for job in Job.objects.all()} == {"cancelled"}


def test_who_deleted_a_job_is_found_in_the_log():
    job = rows.job("completed", succeeded=1, label="Old <job>")
    act(people.boss("anna"), "delete", job)
    text = people.boss("other").get(LOG, {"q": str(job.pk)[:8]}).content.decode()
    cells = re.findall(r'<td class="field-(user|action|about)[^"]*">([^<]*)</td>', text)
    assert cells == [
        ("user", "anna"),
        ("action", "Deletion: job"),
        ("about", f"Old &lt;job&gt; ({job.pk})"),
    ]


def test_the_log_needs_a_permission_of_its_own_and_cannot_be_edited():
    act(people.boss(), "cancel", rows.job("processing", left=1))
    assert people.person("anna", "view_job", "delete_job").get(LOG).status_code == 403
    entry = reverse("admin:admin_logentry_change", args=[LogEntry.objects.get().pk])
    client = people.boss("other")
    assert 'name="_save"' not in client.get(entry).content.decode()
    assert client.post(entry, {"object_repr": "x"}).status_code == 403


def test_a_person_with_entries_can_be_deleted_but_no_entry_alone():
    act(people.boss("anna"), "cancel", rows.job("processing", left=1))
    entry = LogEntry.objects.get()
    client = people.boss("other")
    page = client.get(reverse("admin:admin_logentry_change", args=[entry.pk])).content.decode()
    assert "deletelink" not in page
    address = reverse("admin:admin_logentry_delete", args=[entry.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    assert LogEntry.objects.filter(pk=entry.pk).exists()
    anna = reverse("admin:auth_user_delete", args=[entry.user_id])
    assert client.post(anna, {"post": "yes"}).status_code == 302
    assert not LogEntry.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize("entries", [2, 30])
def test_the_log_asks_as_little_for_many_entries_as_for_few(entries, django_assert_max_num_queries):
    client = people.boss()
    jobs = [rows.job("processing", left=1, prefix=str(number)) for number in range(entries)]
    act(client, "cancel", *jobs)
    client.get(LOG)  # content types and sites are read once a process
    with django_assert_max_num_queries(9):
        client.get(LOG)
