"""Resume and retry in the admin without the files that have changed or vanished."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import override_settings

from jobs import services
from jobs.admin import leaving
from jobs.library import changes as looking
from jobs.library.scan import scan_library
from jobs.models import Job, Lease
from tests.admin import people
from tests.admin.forms import ask, confirm, form_of, told
from tests.support.old_files import change, write_old

pytestmark = pytest.mark.django_db
NAMES = [f"{number}.txt" for number in range(6)]


@pytest.fixture
def library(tmp_path):
    with override_settings(LIBRARY_ROOT=str(tmp_path)):
        for name in NAMES:
            write_old(tmp_path / name)
        scan_library()
        yield tmp_path


def cancelled_job():
    """Of its six files one succeeded, two failed and three were not processed."""
    job = services.start_job("verify", all=True)
    Lease.objects.create(job=job, number=1, succeeded=1, failed=2, sequence=3)
    for position, status in enumerate(("succeeded", "failed", "failed")):
        job.items.filter(position=position).update(status=status, lane=1, sequence=position + 1)
    services.cancel_job(job.pk, actor=services.Actor())
    return job


@pytest.fixture
def job(library):
    return cancelled_job()


def option(asked):
    text = asked.content.decode()
    label = text.partition('<input type="checkbox" name="leave_out" value="yes">')[2]
    return label.partition("</label>")[0].strip()


@pytest.mark.parametrize(("action", "files"), [("resume", "345"), ("retry", "12")])
def test_the_page_tells_how_many_files_would_be_left_out(library, job, action, files):
    change(library / f"{files[0]}.txt")
    (library / f"{files[1]}.txt").unlink()
    change(library / "0.txt")  # succeeded: neither action processes it again
    asked = ask(people.boss(), action, job)
    assert (
        "Since the job was made, 1 file changed and 1 file moved or vanished: "
        f"{files[0]}.txt, {files[1]}.txt" in asked.content.decode()
    )
    assert option(asked) == "Leave these 2 files out"


@pytest.mark.parametrize("action", ["resume", "retry"])
def test_nothing_is_to_be_left_out_of_files_that_are_as_they_were(job, action):
    asked = ask(people.boss(), action, job)
    assert option(asked) == ""
    assert "Since the job was made" not in asked.content.decode()


def test_only_what_is_processed_again_can_be_left_out(library, job):
    change(library / "3.txt")
    assert option(ask(people.boss(), "delete", job)) == ""


@pytest.mark.parametrize(
    ("chosen", "left_out", "message"),
    [
        ({"leave_out": "yes"}, True, "Resumed, without files that had changed or vanished."),
        ({}, False, "Resumed."),
    ],
)
def test_files_are_left_out_if_the_person_chooses_so(library, job, chosen, left_out, message):
    change(library / "3.txt")
    client = people.boss()
    asked = ask(client, "resume", job)
    assert option(asked) == "Leave this file out"
    assert told(confirm(client, asked, **chosen)) == ["1 resumed."]
    preparation = Job.objects.get().preparation
    assert bool(preparation.get("unchanged_only")) == left_out
    assert LogEntry.objects.get().get_change_message() == message


def test_a_retry_leaves_files_out_too(library, job):
    (library / "1.txt").unlink()
    client = people.boss()
    assert told(confirm(client, ask(client, "retry", job), leave_out="yes")) == ["1 retried."]
    assert Job.objects.get().preparation["unchanged_only"] is True


def test_the_files_of_several_jobs_are_counted_together(library, job):
    other = cancelled_job()
    change(library / "3.txt")
    assert option(ask(people.boss(), "resume", job, other)) == "Leave these 2 files out"


def test_all_files_can_be_left_out_where_only_some_were_looked_at(library, job, monkeypatch):
    monkeypatch.setattr(looking, "LIMIT", 2)
    monkeypatch.setattr(looking, "_GROUP", 1)
    for name in NAMES:
        change(library / name)
    asked = ask(people.boss(), "resume", job)
    assert option(asked) == "Leave out all files that have changed or vanished"
    assert "that were looked at 2 files changed" in asked.content.decode()


def test_many_jobs_are_not_looked_at_for_ever(library, job, monkeypatch):
    monkeypatch.setattr(leaving, "SECONDS", 0)
    asked = ask(people.boss(), "resume", job)
    assert "Nobody has looked whether its files have changed" in asked.content.decode()
    assert option(asked) == "Leave out all files that have changed or vanished"


def test_a_library_that_cannot_be_read_is_told(library, job):
    with override_settings(LIBRARY_ROOT=str(library / "missing")):
        asked = ask(people.boss(), "resume", job)
    text = asked.content.decode()
    assert "Nobody knows whether its files have changed. The library folder" in text
    assert form_of(asked) is not None
    assert option(asked) == ""


def test_items_that_are_no_files_are_not_looked_for(library, job):
    Job.objects.update(selection={"own": True})
    with override_settings(LIBRARY_ROOT=str(library / "missing")):
        text = ask(people.boss(), "resume", job).content.decode()
    assert "files have changed" not in text
