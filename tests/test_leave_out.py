"""A resume or retry that does without the files that have changed or vanished since."""

import pytest
from django.test import override_settings

from jobs import services
from jobs.exceptions import LibraryUnreadable, NotPrepared
from jobs.library.scan import scan_library
from jobs.models import Job, Lease, LibraryFile, LibraryScan
from jobs.preparation import prepare, prepare_batch
from jobs.progress import status_object
from tests.support.old_files import change, write_old

ME = services.Actor()
NAMES = [f"{number:02}.txt" for number in range(12)]


@pytest.fixture
def files(module_database, tmp_path):
    """The folder of a library of twelve files; half of the tests' job ends as it should."""
    with override_settings(LIBRARY_ROOT=str(tmp_path)):
        for name in NAMES:
            write_old(tmp_path / name)
        scan_library()
        yield tmp_path
    Job.objects.all().delete()
    LibraryFile.objects.all().delete()


@pytest.fixture
def job(files):
    """Cancelled: of its files three succeeded, three failed and six were not processed."""
    job = services.start_job("slow", all=True, actor=ME)
    Lease.objects.create(job=job, number=1, succeeded=3, failed=3, sequence=6)
    for position in range(6):
        status = "failed" if position % 2 else "succeeded"
        job.items.filter(position=position).update(status=status, lane=1, sequence=position + 1)
    services.cancel_job(job.pk, actor=ME)
    return job


def worked_off(job, size=2):
    """Prepared as a worker does it, `size` items a step; the numbers then."""
    job = Job.objects.get(pk=job.pk)
    assert not job.prepared
    while not prepare_batch(job, size):
        pass
    return numbers(job)


def resume_halfway(job, steps):
    """Resumed without the files that are others now, and so many steps prepared."""
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    halfway = Job.objects.get(pk=job.pk)
    for _ in range(steps):
        assert not prepare_batch(halfway, 2)


def reset_the_first(job):
    """A retry that has begun is prepared as far as its first failed item."""
    halfway = Job.objects.get(pk=job.pk)
    while halfway.preparation["after"] < 1 or halfway.preparation["step"] != "reset":
        assert not prepare_batch(halfway, 1)


def numbers(job):
    progress = status_object(Job.objects.get(pk=job.pk))["progress"]
    names = ("succeeded", "failed", "in_flight", "pending")
    assert sum(progress[name] for name in (*names, "skipped")) == progress["total"] == len(NAMES)
    return [progress[name] for name in (*names, "skipped")]


def keys(job, status):
    return list(job.items.filter(status=status).order_by("position").values_list("key", flat=True))


def test_a_resume_leaves_out_what_changed_or_vanished(files, job):
    change(files / "07.txt")
    (files / "10.txt").unlink()
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    assert worked_off(job) == [3, 3, 0, 4, 2]
    assert keys(job, "pending") == ["06.txt", "08.txt", "09.txt", "11.txt"]
    assert keys(job, "skipped") == ["07.txt", "10.txt"]


def test_what_was_left_out_can_be_resumed_later(files, job):
    change(files / "07.txt")
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    worked_off(job)
    services.cancel_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    assert numbers(job) == [3, 3, 0, 6, 0]


def test_a_pause_does_not_bring_back_what_was_left_out(files, job):
    change(files / "07.txt")
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    worked_off(job)
    services.pause_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    assert numbers(job) == [3, 3, 0, 5, 1]


def test_a_paused_job_can_leave_out_more_and_brings_nothing_back(files, job):
    change(files / "07.txt")
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    worked_off(job)
    services.pause_job(job.pk, actor=ME)
    write_old(files / "07.txt")
    (files / "09.txt").unlink()
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    assert worked_off(job) == [3, 3, 0, 4, 2]
    assert keys(job, "skipped") == ["07.txt", "09.txt"]


@pytest.mark.parametrize("steps", range(4))
def test_a_pause_while_files_are_looked_at_changes_nothing(files, job, steps):
    change(files / "07.txt")
    change(files / "11.txt")
    resume_halfway(job, steps)
    services.pause_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    assert worked_off(job) == [3, 3, 0, 4, 2]


def test_a_retry_leaves_failed_what_changed_or_vanished(files, job):
    change(files / "01.txt")
    (files / "05.txt").unlink()
    services.retry_job(job.pk, actor=ME, unchanged_only=True)
    assert worked_off(job) == [3, 2, 0, 1, 6]
    assert keys(job, "pending") == ["03.txt"]
    assert keys(job, "failed") == ["01.txt", "05.txt"]


def test_a_second_resume_looks_at_what_was_left_out_again(files, job):
    change(files / "07.txt")
    (files / "10.txt").unlink()
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    worked_off(job)
    services.cancel_job(job.pk, actor=ME)
    write_old(files / "07.txt")
    (files / "08.txt").unlink()
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    assert worked_off(job) == [3, 3, 0, 4, 2]
    assert keys(job, "skipped") == ["08.txt", "10.txt"]


@pytest.mark.parametrize("steps", range(5))
def test_a_resume_of_everything_after_one_that_was_cut_short(files, job, steps):
    change(files / "07.txt")
    change(files / "11.txt")
    resume_halfway(job, steps)
    services.cancel_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    assert worked_off(job) == [3, 3, 0, 6, 0]


@pytest.mark.parametrize("steps", range(5))
def test_one_that_was_cut_short_is_carried_on_with(files, job, steps):
    change(files / "07.txt")
    change(files / "11.txt")
    resume_halfway(job, steps)
    services.cancel_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    assert worked_off(job) == [3, 3, 0, 4, 2]


def test_a_retry_of_everything_after_one_that_was_cut_short(files, job):
    change(files / "01.txt")
    services.retry_job(job.pk, actor=ME, unchanged_only=True)
    reset_the_first(job)
    services.cancel_job(job.pk, actor=ME)
    services.retry_job(job.pk, actor=ME)
    assert numbers(job) == [3, 0, 0, 3, 6]


def test_a_retry_that_was_cut_short_can_leave_out_what_it_had_taken_up(files, job):
    with override_settings(JOBS_PREPARE_ITEMS=1):
        services.retry_job(job.pk, actor=ME)
    reset_the_first(job)
    services.cancel_job(job.pk, actor=ME)
    change(files / "01.txt")
    services.retry_job(job.pk, actor=ME, unchanged_only=True)
    assert worked_off(job) == [3, 0, 0, 2, 7]
    assert keys(job, "pending") == ["03.txt", "05.txt"]


def test_a_retry_waits_until_the_job_was_prepared(files, job):
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    services.cancel_job(job.pk, actor=ME)
    with pytest.raises(NotPrepared, match="Resume it first"):
        services.retry_job(job.pk, actor=ME)


def test_the_empty_place_of_an_unmounted_disk_leaves_nothing_out(files, job):
    LibraryScan.objects.update(device="another")
    for name in NAMES:
        (files / name).unlink()
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    with pytest.raises(LibraryUnreadable):
        prepare(Job.objects.get(pk=job.pk))
    assert numbers(job) == [3, 3, 0, 6, 0]


def test_a_job_that_was_cut_short_while_it_was_made(files):
    with override_settings(JOBS_PREPARE_ITEMS=4):
        job = services.start_job("slow", all=True, actor=ME)
    services.cancel_job(job.pk, actor=ME)
    change(files / "02.txt")
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    assert worked_off(job, 5) == [0, 0, 0, 11, 1]
    assert keys(job, "skipped") == ["02.txt"]


def test_items_that_are_no_files_are_never_left_out(files, job):
    job.items.update(file_id=None)
    (files / "10.txt").unlink()
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    assert worked_off(job) == [3, 3, 0, 6, 0]


def test_a_library_that_is_away_leaves_nothing_out(files, job):
    services.resume_job(job.pk, actor=ME, unchanged_only=True)
    with override_settings(LIBRARY_ROOT=str(files / "gone")), pytest.raises(LibraryUnreadable):
        prepare(Job.objects.get(pk=job.pk))
    assert numbers(job) == [3, 3, 0, 6, 0]
