"""Preparation: items are created and reset in batches, which another worker can continue."""

import pytest
from django.test import override_settings

from jobs import services
from jobs.exceptions import BadItems, NoFiles
from jobs.library.outcomes import use
from jobs.lifecycle.preparation import PreparationLost, prepare, prepare_batch
from jobs.models import Job, LibraryFile
from jobs.operations import Operation, registry
from tests.support.factories import delete_jobs, make_files, set_outcomes

ME = services.Actor()


@pytest.fixture
def library(module_database):
    """Fifteen files under "even" and fifteen under "odd"; ten of all have succeeded."""
    names = [f"{'odd' if number % 2 else 'even'}/{number:03}" for number in range(30)]
    use("slow")
    set_outcomes(make_files(*names[:10]), operation="slow", status="succeeded")
    make_files(*names[10:])
    yield
    delete_jobs(*Job.objects.all())
    LibraryFile.objects.all().delete()


@pytest.fixture
def large(library):
    """Starts a job that is too large to be prepared inline: only its first batch exists."""

    def start(**selection):
        with override_settings(JOBS_INLINE_ITEMS=4):
            return services.start_job("slow", actor=ME, **selection)

    return start


def keys(job):
    rows = job.items.order_by("position").values_list("position", "key")
    assert [position for position, _ in rows] == list(range(len(rows)))
    return [key for _, key in rows]


def test_a_worker_prepares_the_rest_of_a_large_selection(large):
    job = large(all=True)
    assert (job.prepared, job.total_items, len(keys(job))) == (False, 4, 4)
    assert prepare(Job.objects.get(pk=job.pk))
    job.refresh_from_db()
    assert (job.prepared, job.total_items, job.preparation) == (True, 30, {})
    assert keys(job) == sorted(LibraryFile.objects.values_list("path", flat=True))
    assert not job.items.filter(file_id=None).exists()


@pytest.mark.parametrize(
    ("selection", "count"), [({"unprocessed": True}, 20), ({"search": "odd"}, 15)]
)
def test_a_preparation_selects_only_matching_files(large, selection, count):
    job = large(**selection)
    assert prepare(job)
    assert len(keys(job)) == job.total_items == count


def test_a_preparation_takes_only_the_kinds_that_the_operation_is_for(library):
    make_files("a.jpg", "b.jpg", "c.jpg", kind="image")
    with override_settings(JOBS_INLINE_ITEMS=2):
        job = services.start_job("preview", all=True, actor=ME)
    assert prepare(job)
    assert keys(job) == ["a.jpg", "b.jpg", "c.jpg"]
    planned = services.dry_run_job("preview", unprocessed=True)
    assert list(planned.keys) == ["a.jpg", "b.jpg", "c.jpg"]
    named = services.start_job("preview", files=["odd/001"], actor=ME)
    assert keys(named) == ["odd/001"]


@pytest.mark.parametrize("begin", [services.start_job, services.dry_run_job])
@pytest.mark.parametrize("selection", [{"all": True}, {"unprocessed": True}, {"search": "odd"}])
def test_files_of_other_kinds_alone_are_named_in_the_error(library, begin, selection):
    make_files("a.txt", kind="text")
    with pytest.raises(NoFiles, match=r"^None of the files .* one of the pictures that this oper"):
        begin("preview", **selection)
    assert not Job.objects.exists()


@pytest.mark.parametrize("begin", [services.start_job, services.dry_run_job])
@pytest.mark.parametrize("selection", [{"unprocessed": True}, {"search": "nowhere"}])
def test_no_kinds_are_named_if_all_of_them_are_processed_or_nothing_is_found(
    library, begin, selection
):
    use("preview", ("image",))
    set_outcomes(make_files("a.jpg", kind="image"), operation="preview", status="succeeded")
    with pytest.raises(NoFiles, match=r"^There are no files to process\.$"):
        begin("preview", **selection)


def test_another_worker_continues_after_any_batch(large):
    job = large(all=True)
    for _ in range(20):
        if prepare_batch(Job.objects.get(pk=job.pk), 3):
            break
    assert len(keys(job)) == 30


def test_two_workers_that_prepare_the_same_job_create_each_item_once(large):
    job = large(all=True)
    one, other = Job.objects.get(pk=job.pk), Job.objects.get(pk=job.pk)
    prepare_batch(one, 5)
    with pytest.raises(PreparationLost):
        prepare_batch(other, 5)
    assert prepare(one)
    assert len(keys(job)) == 30


@pytest.mark.parametrize("stop", [services.cancel_job, services.pause_job])
def test_a_stopped_job_is_not_prepared_until_it_is_resumed(large, stop):
    job = large(all=True)
    stop(job.pk, actor=ME)
    assert not prepare(Job.objects.get(pk=job.pk))
    assert len(keys(job)) == 4
    services.resume_job(job.pk, actor=ME)
    assert prepare(Job.objects.get(pk=job.pk))
    assert len(keys(job)) == 30


def test_a_preparation_whose_worker_must_stop_ends_after_one_batch(large, monkeypatch):
    monkeypatch.setattr(prepare_batch, "__defaults__", (10,))
    job = large(all=True)
    for count in (14, 24):
        assert not prepare(Job.objects.get(pk=job.pk), should_stop=lambda: True)
        assert len(keys(job)) == count
    assert prepare(Job.objects.get(pk=job.pk), should_stop=lambda: True)
    assert len(keys(job)) == 30


class Broken(Operation):
    """Lists keys until it raises an error."""

    name = "broken"

    def __init__(self, *keys):
        self.keys = keys

    def items(self, parameters):
        for key in self.keys:
            if isinstance(key, Exception):
                raise key
            yield key


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        (("fine", ValueError("no connection")), "no connection"),
        (("fine", 5), "an item is 5, and not a text"),
        (("nul\0",), "NUL character"),
        (("\ud800",), "surrogates not allowed"),
    ],
)
def test_items_that_cannot_be_listed_fail_the_start_with_the_reason(
    library, monkeypatch, listed, reason
):
    monkeypatch.setitem(registry._operations, "broken", Broken(*listed))
    with pytest.raises(BadItems, match=reason):
        services.start_job("broken", actor=ME)
    assert not Job.objects.exists()
