"""The executor in this process: which jobs it takes, and what it does to their rows."""

import shutil
import signal
import threading
import time
from itertools import count

import pytest
from django import forms
from django.db import connection

from jobs import operations, services
from jobs.cluster.notifier import notify_workers
from jobs.conf import conf
from jobs.lifecycle import scheduling
from jobs.models import Job
from jobs.operations import Operation, registry
from jobs.processes import identity
from jobs.progress import status_object
from jobs.worker.executor import Executor
from jobs.worker.journal import Journal
from jobs.worker.scoreboard import Scoreboard
from tests.support.factories import delete_jobs, make_waiting_job
from tests.support.waiting import wait_until


class Old(Operation):
    """Every release has it."""

    name = "old"

    def process(self, item, parameters):
        return parameters


class New(Old):
    """Only the newer release has it."""

    name = "new"


@pytest.fixture(autouse=True)
def _no_rows(module_database, settings):
    settings.JOBS_LINGER_SECONDS = 0
    handler = signal.getsignal(signal.SIGTERM)
    operations.register(Old)
    yield
    signal.signal(signal.SIGTERM, handler)
    for name in ("old", "new"):
        registry._operations.pop(name, None)
    delete_jobs(*Job.objects.all())


def run_task(scoreboard=None):
    """One task, as in the child process of a worker."""
    executor = Executor(scoreboard or Scoreboard(), Journal(), identity.current(), 1)
    try:
        executor.run()
    finally:
        executor.connection.close()


def numbers(job):
    job.refresh_from_db()
    found = status_object(job).progress
    return job.status, found.succeeded, found.failed, found.pending


def test_a_worker_leaves_a_job_of_an_unknown_operation_to_those_that_know_it():
    job = make_waiting_job(2, operation="new")
    known = make_waiting_job(2, operation="old")
    run_task()
    assert numbers(known) == ("completed", 2, 0, 0)
    assert numbers(job) == ("queued", 0, 0, 2)
    assert not job.leases.exists()
    assert not scheduling.any_job_needs_worker(), "it would ask for the job again and again"
    operations.register(New)
    run_task()
    assert numbers(job) == ("completed", 2, 0, 0)


class Form(forms.Form):
    """The form of the earlier release."""

    size = forms.IntegerField(initial=10)
    mode = forms.CharField(initial="fast")


class WithAnotherField(Form):
    quality = forms.IntegerField(initial=85)


class WithoutMode(forms.Form):
    size = forms.IntegerField(initial=10)


class WithoutInitial(Form):
    owner = forms.CharField()


class WithLimit(Form):
    size = forms.IntegerField(initial=10, max_value=5)


class Changing(Form):
    """Does not accept what it returns, as a form may that completes a value."""

    def clean_mode(self):
        if self.cleaned_data["mode"].endswith("!"):
            raise forms.ValidationError("Give it without “!”.")
        return self.cleaned_data["mode"] + "!"


class Listed(Old):
    """Lists its items, as many as a parameter says that its first form did not have."""

    name = "new"

    def items(self, parameters):
        return map(str, range(parameters.get("quality", 3)))


def start_with(form, **parameters):
    """A job of 2 items that was started while `old` had this form."""
    operations.get("old").Parameters = form
    return make_waiting_job(
        2,
        operation="old",
        label="Old",
        parameters=operations.get("old").clean_parameters(parameters),
        parameters_digest=operations.get("old").parameters_digest(),
    )


def results(job):
    return [item.result for item in job.items.order_by("position")]


def events(job, kind="parameters_adapted"):
    return [event.message for event in job.events.filter(kind=kind)]


@pytest.fixture(autouse=True)
def small_slices(settings):
    """A worker takes up its job again after each item."""
    settings.JOBS_SLICE_SECONDS = 0


def test_a_field_that_an_upgrade_adds_takes_its_initial_value_in_jobs_that_are_older():
    job = start_with(Form, size=7)
    operations.get("old").Parameters = WithAnotherField
    run_task()
    assert numbers(job) == ("completed", 2, 0, 0)
    assert results(job) == [{"size": 7, "mode": "fast", "quality": 85}] * 2
    assert job.parameters == {"size": 7, "mode": "fast"}, "older workers may need it"
    sentence = "New parameters with their initial values: quality = 85."
    assert events(job) == [f"The operation “Old” was changed. {sentence}"]


class Drawn(Form):
    seed = forms.IntegerField(initial=count(1).__next__)


class DrawnToo(Drawn):
    quality = forms.IntegerField(initial=85)


def test_all_items_of_an_older_job_get_the_same_value_of_a_new_field_whose_initial_is_callable():
    job = start_with(Form)
    operations.get("old").Parameters = Drawn
    run_task()
    services.resume_job(make_retryable(job).pk, actor=services.Actor())
    run_task()
    first, second = results(job)
    assert first == second
    assert first.keys() == {"size", "mode", "seed"}
    sentence = f"New parameters with their initial values: seed = {first['seed']}."
    assert events(job) == [f"The operation “Old” was changed. {sentence}"]
    operations.get("old").Parameters = DrawnToo
    services.resume_job(make_retryable(job).pk, actor=services.Actor())
    run_task()
    assert results(job) == [{**first, "quality": 85}, first], "a further upgrade keeps it"
    assert events(job)[1:] == [
        "The operation “Old” was changed. New parameters with their initial values: quality = 85."
    ]


def test_a_field_that_an_upgrade_removes_is_dropped_with_one_event_of_the_job():
    job = start_with(Form)
    operations.get("old").Parameters = WithoutMode
    run_task()
    services.resume_job(make_retryable(job).pk, actor=services.Actor())
    run_task()
    assert results(job) == [{"size": 10}] * 2
    assert events(job) == [
        "The operation “Old” was changed. Parameters that it no longer has: mode."
    ]


def make_retryable(job):
    """One of its items is left again."""
    job.items.filter(position=0).update(status="skipped", slot=None, sequence=None)
    job.leases.update(succeeded=1)
    Job.objects.filter(pk=job.pk).update(skipped=1)
    return job


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (WithoutInitial, "owner: This field is required."),
        (WithLimit, "size: Ensure this value is less than or equal to 5."),
    ],
)
def test_a_job_whose_parameters_are_no_longer_valid_is_paused_and_no_item_fails(form, reason):
    job = start_with(Form)
    operations.get("old").Parameters = form
    run_task()
    assert numbers(job) == ("paused", 0, 0, 2)
    assert job.notice == (
        "The operation “Old” was changed, and the parameters of this job are no longer valid. "
        f"{reason} Start a new job, or change the operation and resume this one."
    )
    assert events(job, "pause") == [job.notice]
    operations.get("old").Parameters = Form
    services.resume_job(job.pk, actor=services.Actor())
    run_task()
    assert numbers(job) == ("completed", 2, 0, 0)


def test_a_form_that_does_not_accept_its_own_values_is_not_asked_again_while_it_is_unchanged():
    job = start_with(Changing, mode="slow")
    run_task()
    assert results(job) == [{"size": 10, "mode": "slow!"}] * 2
    assert events(job) == []


def test_a_listed_job_whose_keys_cannot_be_stored_is_paused_until_its_resume():
    operations.register(Listed)
    job = make_waiting_job(0, operation="new", prepared=False, preparation={"kind": "own"})
    folder = conf.data_dir / "preparation"
    shutil.rmtree(folder, ignore_errors=True)
    folder.touch()
    run_task()
    folder.unlink()
    assert numbers(job) == ("paused", 0, 0, 0)
    assert job.notice == (
        "The worker cannot store the list of this job's items: File exists. "
        "Free space in DATA_DIR, or make it writable for the workers, then resume the job."
    )
    assert events(job, "pause") == [job.notice]
    services.resume_job(job.pk, actor=services.Actor())
    run_task()
    assert numbers(job) == ("completed", 3, 0, 0)


def test_an_operation_lists_its_items_with_the_initial_values_of_new_fields():
    operations.register(Listed)
    operations.get("new").Parameters = WithAnotherField
    job = make_waiting_job(
        0, operation="new", prepared=False, preparation={"kind": "own"},
        parameters={"size": 1, "mode": "fast"}, parameters_digest="earlier",
    )  # fmt: skip
    run_task()
    assert numbers(job) == ("completed", 85, 0, 0)


def test_executor_that_has_served_a_job_takes_the_next_one_as_soon_as_it_is_made(settings):
    settings.JOBS_LINGER_SECONDS = 50
    scoreboard, jobs = Scoreboard(), [make_waiting_job(1, operation="old")]

    def make_another():
        try:
            wait_until(lambda: scoreboard.is_idle, what="the executor waits")
            jobs.append(make_waiting_job(1, operation="old"))
            notify_workers(1)
            wait_until(lambda: numbers(jobs[1])[0] == "completed", what="the second job is done")
        finally:
            scoreboard.request_stop()
            connection.close()

    maker = threading.Thread(target=make_another)
    maker.start()
    began = time.monotonic()
    run_task(scoreboard)
    maker.join()
    assert time.monotonic() - began < 40
    assert [numbers(job)[0] for job in jobs] == ["completed", "completed"]


def test_executor_that_finds_no_job_ends_at_once(settings):
    settings.JOBS_LINGER_SECONDS = 50
    began = time.monotonic()
    run_task()
    assert time.monotonic() - began < 20
