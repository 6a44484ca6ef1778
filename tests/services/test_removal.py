"""Deleting jobs while others do something with them."""

import errno
import os
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from jobs import services
from jobs.exceptions import JobNotActive, JobNotFound, JobsError, JobStillActive
from jobs.lifecycle import deletion
from jobs.models import Job, JobItem, Lease, OperationTotal
from jobs.progress import humanize
from tests.support import factories

ME = services.Actor()
LONG_AGO = timezone.now() - timedelta(days=40)


@pytest.fixture
def old_jobs(module_database):
    """Two jobs that were completed long ago, the older one first."""
    found = [factories.make_job("completed", succeeded=2) for _ in range(2)]
    Job.objects.filter(pk__in=[job.pk for job in found]).update(finished_at=LONG_AGO)
    yield found
    Job.objects.all().delete()
    Job.deleted.all().delete()
    OperationTotal.objects.all().delete()


def rows_of(job):
    return JobItem.objects.filter(job=job.pk).count()


def left():
    return set(Job.objects.values_list("pk", flat=True))


def test_old_jobs_go_with_all_their_items(old_jobs):
    assert services.prune_jobs(older_than_days=30) == 2
    assert not left()
    assert not JobItem.objects.exists()


def test_nothing_is_older_than_time_itself(old_jobs):
    assert services.prune_jobs(older_than_days=1e7) == 0
    assert len(left()) == 2


def test_a_job_that_was_resumed_and_ended_again_meanwhile_is_kept(old_jobs):
    first, second = old_jobs

    def resumed_and_ended(deleted):
        assert deleted.pk == first.pk
        Job.objects.filter(pk=second.pk).update(finished_at=timezone.now())

    assert services.prune_jobs(older_than_days=30, progress=resumed_and_ended) == 1
    assert left() == {second.pk}
    assert JobItem.objects.filter(job=second).count() == 2
    assert Job.objects.get(pk=second.pk).prepared


def test_a_job_of_which_an_item_still_runs_is_kept(old_jobs):
    first, _ = old_jobs
    Lease.objects.filter(job=first).update(token=1)
    assert services.prune_jobs(older_than_days=30) == 1
    assert left() == {first.pk}
    with pytest.raises(JobStillActive):
        services.delete_job(first.pk, actor=ME)
    assert Job.objects.get(pk=first.pk).prepared


def test_a_large_job_is_gone_at_once_and_its_rows_in_batches(old_jobs, settings, monkeypatch):
    settings.JOBS_INLINE_ITEMS = 1
    monkeypatch.setattr(deletion, "BATCH", 1)
    first, second = old_jobs
    services.delete_job(first.pk, actor=ME)
    assert left() == {second.pk}
    assert rows_of(first) == 2
    for left_over in (1, 0):
        deletion.remove_deleted(seconds=0)
        assert rows_of(first) == left_over
    deletion.remove_deleted(seconds=0)
    assert not Job.deleted.exists()
    assert rows_of(second) == 2


@pytest.mark.parametrize("call", ["pause", "resume", "retry", "delete", "cancel"])
def test_nothing_can_be_done_to_a_job_whose_rows_are_still_there(old_jobs, settings, call):
    settings.JOBS_INLINE_ITEMS = 0
    first, second = old_jobs
    services.delete_job(first.pk, actor=ME)
    with pytest.raises(JobsError) as refused:
        getattr(services, f"{call}_job")(first.pk, actor=ME)
    assert refused.type is (JobNotActive if call == "cancel" else JobNotFound)
    assert rows_of(first) == 2
    settings.LOGIN_REQUIRED = False
    assert services.visible_jobs(None).get() == second
    with pytest.raises(JobNotFound):
        services.get_visible_job(first.pk, None)


def test_pruning_removes_what_other_deletions_have_left(old_jobs, settings):
    settings.JOBS_INLINE_ITEMS = 0
    first, second = old_jobs
    Job.objects.filter(pk=second.pk).update(finished_at=timezone.now())
    services.delete_job(first.pk, actor=ME)
    assert services.prune_jobs(older_than_days=30) == 0
    assert (rows_of(first), rows_of(second)) == (0, 2)
    assert not Job.deleted.exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, DatabaseError])
def test_a_deletion_that_was_cut_short_is_carried_on(old_jobs, monkeypatch, error):
    first, second = old_jobs

    def cut_short(job):
        raise error

    monkeypatch.setattr(deletion, "_keep_totals", cut_short)
    if error is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            services.delete_job(first.pk, actor=ME)
    else:
        services.delete_job(first.pk, actor=ME)  # it is gone, whatever becomes of its rows now
    monkeypatch.undo()
    assert left() == {second.pk}
    assert rows_of(first) == 2
    for _ in range(2):
        deletion.remove_deleted()
    assert (rows_of(first), rows_of(second)) == (0, 2)
    assert OperationTotal.objects.get(operation="verify").succeeded == 2


def test_a_job_that_is_not_there_cannot_be_deleted(old_jobs):
    first, _ = old_jobs
    services.delete_job(first.pk, actor=ME)
    with pytest.raises(JobNotFound):
        services.delete_job(first.pk, actor=ME)


@pytest.fixture
def outputs(old_jobs, tmp_path, settings):
    """The output folders of the two jobs, with 200 files each."""
    settings.DATA_DIR = tmp_path
    folders = [tmp_path / "outputs" / job.operation / str(job.pk) for job in old_jobs]
    for folder in folders:
        (folder / "b.out").mkdir(parents=True)
        for number in range(200):
            (folder / "b.out" / str(number)).write_bytes(b"1234567890")
    return folders


def test_outputs_go_with_their_job_and_those_of_others_stay(old_jobs, outputs):
    services.delete_job(old_jobs[0].pk, actor=ME)
    assert [folder.exists() for folder in outputs] == [False, True]
    services.delete_job(old_jobs[1].pk, actor=ME)
    assert not outputs[0].parent.exists()


def test_outputs_go_with_pruned_jobs(outputs):
    assert services.measure_old_jobs(older_than_days=30) == (2, services.OutputSize(400, 4000))
    assert services.prune_jobs(older_than_days=30) == 2
    assert not any(folder.exists() for folder in outputs)


def test_outputs_of_a_job_whose_deletion_was_cut_short_are_removed_later(
    old_jobs, outputs, settings, monkeypatch
):
    settings.JOBS_INLINE_ITEMS = 0
    services.delete_job(old_jobs[0].pk, actor=ME)
    assert outputs[0].exists(), "the process could have been killed here"
    deletion.remove_deleted(seconds=0)
    assert outputs[0].exists(), "it stops in the middle"
    assert Job.deleted.exists(), "and is known to be unfinished"
    while Job.deleted.exists():
        deletion.remove_deleted(seconds=0)
    assert [folder.exists() for folder in outputs] == [False, True]


def test_outputs_behind_a_link_are_not_touched(old_jobs, outputs, tmp_path):
    outputs[0].rename(tmp_path / "outside")
    outputs[0].symlink_to(tmp_path / "outside")
    services.delete_job(old_jobs[0].pk, actor=ME)
    assert not outputs[0].is_symlink()
    operation = outputs[1].parent
    operation.rename(tmp_path / "moved")
    operation.symlink_to(tmp_path / "moved")
    services.delete_job(old_jobs[1].pk, actor=ME)
    assert len(list((tmp_path / "outside" / "b.out").iterdir())) == 200
    assert len(list((tmp_path / "moved" / str(old_jobs[1].pk) / "b.out").iterdir())) == 200
    assert not Job.deleted.exists()


def test_outputs_that_cannot_be_removed_keep_the_job_and_stop_no_other(
    old_jobs, outputs, monkeypatch, caplog
):
    first = old_jobs[0]
    stuck = str(first.pk).encode()
    real = os.rmdir

    def refused(name, **more):
        if name == stuck:
            raise OSError(errno.EBUSY, "Device or resource busy")
        real(name, **more)

    monkeypatch.setattr(os, "rmdir", refused)
    assert services.prune_jobs(older_than_days=30) == 2
    assert "outputs of a deleted job cannot be removed" in caplog.text
    assert set(Job.deleted.values_list("pk", flat=True)) == {first.pk}
    assert not outputs[1].exists()
    monkeypatch.undo()
    deletion.remove_deleted()
    assert outputs[0].exists(), "not at once again"
    monkeypatch.setattr(deletion, "_retry_at", {})
    deletion.remove_deleted()
    assert not outputs[0].exists()
    assert not Job.deleted.exists()


def test_size_of_many_outputs_is_not_counted_to_its_end(old_jobs, outputs, monkeypatch):
    monkeypatch.setattr("jobs.lifecycle.outputs.COUNTED", 50)
    found = services.measure_outputs(old_jobs[0])
    assert (found.files, found.more) == (49, True)
    assert humanize.outputs(found) == "more than 49 output files (490 bytes)"
    assert humanize.outputs(services.OutputSize()) == ""
