"""Resume and retry in the admin without the files that changed."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import override_settings

from jobs import services
from jobs.admin import drift
from jobs.library import drift as comparison
from jobs.library.scan import scan_library
from jobs.models import Job, Lease
from tests.admin.forms import choose, confirm, messages, submits
from tests.admin.people import superuser
from tests.support.old_files import change, write_old

pytestmark = pytest.mark.django_db
NAMES = [f"{number}.txt" for number in range(6)]
ALL = "Skip all files that were changed, moved or deleted"


@pytest.fixture
def library(tmp_path):
    with override_settings(LIBRARY_ROOT=str(tmp_path)):
        for name in NAMES:
            write_old(tmp_path / name)
        scan_library()
        yield tmp_path


@pytest.fixture
def job(library):
    return cancelled_job()


def cancelled_job():
    """Of its six files one succeeded, two failed and three were not processed."""
    job = services.start_job("verify", all=True)
    Lease.objects.create(job=job, slot=1, succeeded=1, failed=2, sequence=3)
    for position, status in enumerate(("succeeded", "failed", "failed")):
        job.items.filter(position=position).update(status=status, slot=1, sequence=position + 1)
    services.cancel_job(job.pk, actor=services.Actor())
    return job


def option(page):
    """The label of the option to skip files; empty if it is not offered."""
    text = page.content.decode()
    label = text.partition('<input type="checkbox" name="skip_changed" value="yes">')[2]
    return label.partition("</label>")[0].strip()


@pytest.mark.parametrize(("action", "files"), [("resume", "345"), ("retry", "12")])
def test_the_page_names_the_changed_files_that_the_action_would_process(
    library, job, action, files
):
    change(library / f"{files[0]}.txt")
    (library / f"{files[1]}.txt").unlink()
    change(library / "0.txt")  # succeeded: neither action processes it again
    page = choose(superuser(), action, job)
    note = "2 files were changed, moved or deleted since the job was created: "
    assert f"{note}{files[0]}.txt, {files[1]}.txt" in page.content.decode()
    assert option(page) == "Skip these 2 files"


def test_nothing_is_offered_if_no_file_changed(job):
    page = choose(superuser(), "resume", job)
    assert option(page) == ""
    assert "since the job was created" not in page.content.decode()


def test_nothing_is_offered_for_an_action_that_processes_no_items(library, job):
    change(library / "3.txt")
    assert option(choose(superuser(), "delete", job)) == ""


@pytest.mark.parametrize(
    ("action", "file", "chosen", "logged"),
    [
        ("resume", "3.txt", {"skip_changed": "yes"}, "Resumed, skipping changed files."),
        ("resume", "3.txt", {}, "Resumed."),
        ("retry", "1.txt", {"skip_changed": "yes"}, "Retried, skipping changed files."),
    ],
)
def test_files_are_skipped_if_the_person_chooses_so(library, job, action, file, chosen, logged):
    change(library / file)
    client = superuser()
    page = choose(client, action, job)
    assert option(page) == "Skip this file"
    assert messages(confirm(client, page, **chosen))[0].startswith("1 re")
    assert bool(Job.objects.get().preparation.get("skip_changed")) == bool(chosen)
    assert LogEntry.objects.get().get_change_message() == logged


def test_the_option_counts_the_files_of_several_jobs_together(library, job):
    change(library / "3.txt")
    assert option(choose(superuser(), "resume", job, cancelled_job())) == "Skip these 2 files"


def test_the_option_covers_all_changed_files_if_only_some_were_checked(library, job, monkeypatch):
    monkeypatch.setattr(comparison, "MAX_FILES", 2)
    monkeypatch.setattr(comparison, "_PAGE", 1)
    for name in NAMES:
        change(library / name)
    page = choose(superuser(), "resume", job)
    assert option(page) == ALL
    assert "2 files of 2 checked files were changed" in page.content.decode()


def test_the_option_covers_all_changed_files_if_the_time_is_up(library, job, monkeypatch):
    monkeypatch.setattr(drift, "SECONDS", 0)
    assert option(choose(superuser(), "resume", job)) == ALL


def test_an_unreadable_library_is_reported_and_does_not_prevent_the_action(library, job):
    with override_settings(LIBRARY_ROOT=str(library / "missing")):
        page = choose(superuser(), "resume", job)
    sentence = "Its files could not be checked for changes. The library folder"
    assert sentence in page.content.decode()
    assert (submits(page), option(page)) == (True, "")


def test_items_that_are_not_files_are_not_checked(library, job):
    Job.objects.update(selection={"own": True})
    with override_settings(LIBRARY_ROOT=str(library / "missing")):
        text = choose(superuser(), "resume", job).content.decode()
    assert "checked for changes" not in text
