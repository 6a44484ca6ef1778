"""Transitions: each is applied with its fence and event, or changes nothing."""

import pytest

from jobs.lifecycle import transitions
from jobs.models import EventEntry, JobEvent
from jobs.states import FINISHED, RUNNABLE, TRANSITIONS, JobStatus, Transition
from tests.support.factories import make_lease
from tests.support.worker import acquire, release


@pytest.mark.parametrize("module_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", Transition)
@pytest.mark.parametrize("status", JobStatus)
def test_a_transition_is_applied_as_the_table_says_or_changes_nothing(make_job, status, name):
    job = make_job(status, items=0)
    lease = make_lease(job, token=5)
    rule = TRANSITIONS[name]
    entry = EventEntry("api", actor_name="Ada")
    changed = transitions.transition(job.pk, name, entry, notice="new")
    job.refresh_from_db()
    lease.refresh_from_db()
    events = list(JobEvent.objects.filter(job=job).values_list("kind", "source", "actor_name"))
    assert changed == (status in rule.sources)
    if changed:
        assert (job.status, job.notice) == (rule.target, "new")
        assert (job.finished_at is not None) == (rule.target in FINISHED)
        assert events == [(str(name), "api", "Ada")]
        assert lease.fenced == (rule.target not in RUNNABLE)
    else:
        assert (job.status, job.notice, job.finished_at) == (status, "", None)
        assert events == []
        assert not lease.fenced


def test_a_job_completes_once_and_only_without_open_items_and_held_leases(make_job):
    job = make_job()
    assert not transitions.complete_if_done(job.pk)
    job.items.filter(position=0).update(status="failed")
    job.items.filter(position=1).update(status="processing")
    assert not transitions.complete_if_done(job.pk)
    job.items.filter(position=1).update(status="skipped")
    lease = acquire(job)
    assert not transitions.complete_if_done(job.pk)
    release(lease)
    assert transitions.complete_if_done(job.pk)
    assert not transitions.complete_if_done(job.pk)
    job.refresh_from_db()
    assert job.status == "completed"
    assert job.finished_at is not None
