"""The log of the admin: each action leaves an entry with the person."""

import dataclasses
import re

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.db import OperationalError
from django.urls import reverse

from jobs.admin import confirmation
from jobs.admin.jobs import JobAdmin
from jobs.models import Job
from tests.admin.forms import messages, perform
from tests.admin.people import person, superuser
from tests.support import factories

LOG = reverse("admin:admin_logentry_changelist")
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("action", "status", "numbers", "flag", "message"),
    [
        ("cancel", "processing", {"left": 2}, CHANGE, "Cancelled."),
        ("delete", "completed", {"succeeded": 2}, DELETION, ""),
    ],
)
def test_an_action_is_logged_with_the_person_and_the_job(action, status, numbers, flag, message):
    job = factories.make_job(status, **numbers)
    perform(superuser("anna"), action, job)
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.action_flag) == ("anna", flag)
    assert (entry.object_id, entry.object_repr) == (str(job.pk), str(job))
    assert entry.get_change_message() == message


def test_a_refused_action_is_not_logged():
    perform(superuser(), "cancel", factories.make_job("completed", succeeded=1))
    assert not LogEntry.objects.exists()


def test_an_error_of_the_database_at_one_job_does_not_stop_the_others(monkeypatch):
    jobs = [factories.make_job("processing", left=1, prefix=name) for name in "abc"]
    cancel = confirmation.ACTIONS[0]

    def service(job_id, **options):
        if job_id == jobs[1].pk:
            raise OperationalError("disk I/O error")
        cancel.service(job_id, **options)

    monkeypatch.setattr(confirmation, "ACTIONS", [dataclasses.replace(cancel, service=service)])
    assert messages(perform(superuser(), "cancel", *jobs)) == [
        "2 cancelled, 1 not cancelled.",
        f"{jobs[1]}: Not cancelled. The database failed.",
    ]
    logged = set(LogEntry.objects.values_list("object_id", flat=True))
    assert logged == {str(jobs[0].pk), str(jobs[2].pk)}


def test_a_log_entry_that_cannot_be_written_is_reported(monkeypatch):
    jobs = [factories.make_job("processing", left=1, prefix=name) for name in "ab"]

    def log_change(self, request, job, message):
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(JobAdmin, "log_change", log_change)
    problem = "The log entry was not written. The database failed."
    assert messages(perform(superuser(), "cancel", *jobs)) == [
        "2 cancelled.",
        f"{jobs[0]}: {problem}",
        f"{jobs[1]}: {problem}",
    ]
    assert {job.status for job in Job.objects.all()} == {"cancelled"}


def test_the_log_shows_who_deleted_a_job():
    job = factories.make_job("completed", succeeded=1, label="Old <job>")
    perform(superuser("anna"), "delete", job)
    text = superuser("other").get(LOG, {"q": str(job.pk)[:8]}).content.decode()
    cells = re.findall(r'<td class="field-(user|action_flag|object_repr)[^"]*">([^<]*)</td>', text)
    assert cells == [
        ("user", "anna"),
        ("action_flag", "Deletion"),
        ("object_repr", f"Old &lt;job&gt; ({job.pk})"),
    ]


def test_the_log_needs_its_own_permission_and_cannot_be_edited():
    perform(superuser(), "cancel", factories.make_job("processing", left=1))
    assert person("anna", "view_job", "delete_job").get(LOG).status_code == 403
    entry = reverse("admin:admin_logentry_change", args=[LogEntry.objects.get().pk])
    client = superuser("other")
    assert 'name="_save"' not in client.get(entry).content.decode()
    assert client.post(entry, {"object_repr": "x"}).status_code == 403


def test_an_entry_is_deleted_with_its_person_and_never_alone():
    perform(superuser("anna"), "cancel", factories.make_job("processing", left=1))
    entry = LogEntry.objects.get()
    client = superuser("other")
    page = client.get(reverse("admin:admin_logentry_change", args=[entry.pk])).content.decode()
    assert "deletelink" not in page
    url = reverse("admin:admin_logentry_delete", args=[entry.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert LogEntry.objects.filter(pk=entry.pk).exists()
    anna = reverse("admin:auth_user_delete", args=[entry.user_id])
    assert client.post(anna, {"post": "yes"}).status_code == 302
    assert not LogEntry.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize("entries", [2, 30])
def test_the_log_needs_a_fixed_number_of_queries(entries, django_assert_max_num_queries):
    client = superuser()
    jobs = [
        factories.make_job("processing", left=1, prefix=str(number)) for number in range(entries)
    ]
    perform(client, "cancel", *jobs)
    client.get(LOG)  # content types are read once per process
    with django_assert_max_num_queries(9):
        client.get(LOG)
