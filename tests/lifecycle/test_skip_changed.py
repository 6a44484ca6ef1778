"""A resume or retry that skips the files that have changed or disappeared since the job started."""

from dataclasses import asdict

import pytest
from django.test import override_settings

from jobs import services
from jobs.exceptions import LibraryUnreadable, NotPrepared
from jobs.library.scan import scan_library
from jobs.lifecycle.preparation import prepare, prepare_batch
from jobs.models import Job, Lease, LibraryFile, LibraryScan
from jobs.progress import status_object
from tests.support.old_files import change, write_old

ME = services.Actor()
NAMES = [f"{number:02}.txt" for number in range(12)]


@pytest.fixture
def files(module_database, tmp_path):
    """The folder of a library of twelve files."""
    with override_settings(LIBRARY_ROOT=str(tmp_path)):
        for name in NAMES:
            write_old(tmp_path / name)
        scan_library()
        yield tmp_path
    Job.objects.all().delete()
    LibraryFile.objects.all().delete()


@pytest.fixture
def job(files):
    """A cancelled job: three files succeeded, three failed and six were not processed."""
    job = services.start_job("slow", all=True, actor=ME)
    Lease.objects.create(job=job, slot=1, succeeded=3, failed=3, sequence=6)
    for position in range(6):
        status = "failed" if position % 2 else "succeeded"
        job.items.filter(position=position).update(status=status, slot=1, sequence=position + 1)
    services.cancel_job(job.pk, actor=ME)
    return job


def prepared_numbers(job, size=2):
    """The numbers after the job was prepared as by a worker, `size` items a step."""
    job = Job.objects.get(pk=job.pk)
    assert not job.prepared
    while not prepare_batch(job, size):
        pass
    return numbers(job)


def resume_halfway(job, steps):
    """Resume the job, skipping changed files, and prepare this many steps."""
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    halfway = Job.objects.get(pk=job.pk)
    for _ in range(steps):
        assert not prepare_batch(halfway, 2)


def reset_the_first(job):
    """Prepare a started retry up to its first failed item."""
    halfway = Job.objects.get(pk=job.pk)
    while halfway.preparation["after"] < 1 or halfway.preparation["step"] != "reset":
        assert not prepare_batch(halfway, 1)


def numbers(job):
    progress = asdict(status_object(Job.objects.get(pk=job.pk)).progress)
    names = ("succeeded", "failed", "in_flight", "pending")
    assert sum(progress[name] for name in (*names, "skipped")) == progress["total"] == len(NAMES)
    return [progress[name] for name in (*names, "skipped")]


def keys(job, status):
    return list(job.items.filter(status=status).order_by("position").values_list("key", flat=True))


def test_resume_skips_changed_and_vanished_files(files, job):
    change(files / "07.txt")
    (files / "10.txt").unlink()
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    assert prepared_numbers(job) == [3, 3, 0, 4, 2]
    assert keys(job, "pending") == ["06.txt", "08.txt", "09.txt", "11.txt"]
    assert keys(job, "skipped") == ["07.txt", "10.txt"]


def test_skipped_files_are_pending_after_a_later_resume_of_everything(files, job):
    change(files / "07.txt")
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    prepared_numbers(job)
    services.cancel_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    assert numbers(job) == [3, 3, 0, 6, 0]


def test_skipped_files_stay_skipped_after_a_pause(files, job):
    change(files / "07.txt")
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    prepared_numbers(job)
    services.pause_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    assert numbers(job) == [3, 3, 0, 5, 1]


def test_resume_of_a_paused_job_skips_more_files_and_restores_none(files, job):
    change(files / "07.txt")
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    prepared_numbers(job)
    services.pause_job(job.pk, actor=ME)
    write_old(files / "07.txt")
    (files / "09.txt").unlink()
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    assert prepared_numbers(job) == [3, 3, 0, 4, 2]
    assert keys(job, "skipped") == ["07.txt", "09.txt"]


@pytest.mark.parametrize("steps", range(4))
def test_pause_during_the_check_of_files_changes_nothing(files, job, steps):
    change(files / "07.txt")
    change(files / "11.txt")
    resume_halfway(job, steps)
    services.pause_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    assert prepared_numbers(job) == [3, 3, 0, 4, 2]


def test_retry_leaves_changed_and_vanished_files_failed(files, job):
    change(files / "01.txt")
    (files / "05.txt").unlink()
    services.retry_job(job.pk, actor=ME, skip_changed=True)
    assert prepared_numbers(job) == [3, 2, 0, 1, 6]
    assert keys(job, "pending") == ["03.txt"]
    assert keys(job, "failed") == ["01.txt", "05.txt"]


def test_second_resume_checks_skipped_files_again(files, job):
    change(files / "07.txt")
    (files / "10.txt").unlink()
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    prepared_numbers(job)
    services.cancel_job(job.pk, actor=ME)
    write_old(files / "07.txt")
    (files / "08.txt").unlink()
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    assert prepared_numbers(job) == [3, 3, 0, 4, 2]
    assert keys(job, "skipped") == ["08.txt", "10.txt"]


@pytest.mark.parametrize("steps", range(5))
def test_resume_of_everything_restores_the_files_of_an_interrupted_check(files, job, steps):
    change(files / "07.txt")
    change(files / "11.txt")
    resume_halfway(job, steps)
    services.cancel_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME)
    assert prepared_numbers(job) == [3, 3, 0, 6, 0]


@pytest.mark.parametrize("steps", range(5))
def test_second_resume_completes_an_interrupted_check(files, job, steps):
    change(files / "07.txt")
    change(files / "11.txt")
    resume_halfway(job, steps)
    services.cancel_job(job.pk, actor=ME)
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    assert prepared_numbers(job) == [3, 3, 0, 4, 2]


def test_retry_of_everything_completes_an_interrupted_retry(files, job):
    change(files / "01.txt")
    services.retry_job(job.pk, actor=ME, skip_changed=True)
    reset_the_first(job)
    services.cancel_job(job.pk, actor=ME)
    services.retry_job(job.pk, actor=ME)
    assert numbers(job) == [3, 0, 0, 3, 6]


def test_second_retry_skips_files_that_an_interrupted_one_had_reset(files, job):
    with override_settings(JOBS_INLINE_ITEMS=1):
        services.retry_job(job.pk, actor=ME)
    reset_the_first(job)
    services.cancel_job(job.pk, actor=ME)
    change(files / "01.txt")
    services.retry_job(job.pk, actor=ME, skip_changed=True)
    assert prepared_numbers(job) == [3, 0, 0, 2, 7]
    assert keys(job, "pending") == ["03.txt", "05.txt"]


def test_retry_of_an_unprepared_job_is_refused(files, job):
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    services.cancel_job(job.pk, actor=ME)
    with pytest.raises(NotPrepared, match="Resume it first"):
        services.retry_job(job.pk, actor=ME)


def test_mount_point_of_an_unmounted_disk_skips_nothing(files, job):
    LibraryScan.objects.update(device="another")
    for name in NAMES:
        (files / name).unlink()
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    with pytest.raises(LibraryUnreadable):
        prepare(Job.objects.get(pk=job.pk))
    assert numbers(job) == [3, 3, 0, 6, 0]


def test_resume_of_an_interrupted_creation_skips_changed_files(files):
    with override_settings(JOBS_INLINE_ITEMS=4):
        job = services.start_job("slow", all=True, actor=ME)
    services.cancel_job(job.pk, actor=ME)
    change(files / "02.txt")
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    assert prepared_numbers(job, 5) == [0, 0, 0, 11, 1]
    assert keys(job, "skipped") == ["02.txt"]


def test_items_without_a_library_file_are_never_skipped(files, job):
    job.items.update(file_id=None)
    (files / "10.txt").unlink()
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    assert prepared_numbers(job) == [3, 3, 0, 6, 0]


def test_missing_library_folder_skips_nothing(files, job):
    services.resume_job(job.pk, actor=ME, skip_changed=True)
    with override_settings(LIBRARY_ROOT=str(files / "gone")), pytest.raises(LibraryUnreadable):
        prepare(Job.objects.get(pk=job.pk))
    assert numbers(job) == [3, 3, 0, 6, 0]
