"""Every action leaves an entry with the person in the admin's log, whatever happens to others."""

import dataclasses

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.db import OperationalError

from jobs.admin import actions
from jobs.admin.jobs import JobAdmin
from jobs.models import Job
from tests.admin import people
from tests.admin.forms import act, told
from tests.support import rows

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
