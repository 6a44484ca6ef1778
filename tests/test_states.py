"""The table of moves, against the contract's words, and what each move does to a job."""

import pytest

from jobs.models import Job, JobEvent, Lease
from jobs.querysets import Entry
from jobs.states import ACTIVE, ENDED, MOVES, RUNNABLE, JobStatus, Move

# Written out a second time, in the contract's words, so that a slip in the table is seen.
ALLOWED = {
    "queued": {
        "begin": "processing",
        "complete": "completed",
        "cancel": "cancelled",
        "pause": "paused",
        "fail": "failed",
    },
    "processing": {
        "complete": "completed",
        "cancel": "cancelled",
        "pause": "paused",
        "fail": "failed",
    },
    "paused": {"cancel": "cancelled", "resume": "queued", "fail": "failed"},
    "completed": {"resume": "queued", "retry": "queued"},
    "cancelled": {"resume": "queued", "retry": "queued"},
    "failed": {"resume": "queued", "retry": "queued"},
}
EVERY = [(status, move) for status in JobStatus for move in Move]


def test_the_groups_divide_the_statuses():
    assert set(JobStatus.values) == set(ALLOWED)
    assert {"queued", "processing"} == RUNNABLE
    assert {"queued", "processing", "paused"} == ACTIVE
    assert {"completed", "cancelled", "failed"} == ENDED


@pytest.mark.parametrize(("status", "move"), EVERY)
def test_the_table_says_what_the_contract_says(status, move):
    arrow = MOVES[move]
    assert (status in arrow.sources) == (move in ALLOWED[status])
    assert ALLOWED[status].get(move, arrow.target) == arrow.target


def held_lease(job):
    return Lease.objects.create(job=job, number=1, token=5)


@pytest.mark.usefixtures("module_database")
@pytest.mark.parametrize(("status", "move"), EVERY)
def test_a_move_is_made_or_changes_nothing(status, move):
    job = Job.objects.create(operation="act", label="Act", status=status)
    lease = held_lease(job)
    target = ALLOWED[status].get(move)
    made = Job.objects.change(job.pk, move, Entry("api", actor_name="Ada"), notice="new")
    job.refresh_from_db()
    lease.refresh_from_db()
    events = list(JobEvent.objects.filter(job=job).values_list("kind", "source", "actor_name"))
    if target is None:
        assert not made
        assert (job.status, job.notice, job.finished_at) == (status, "", None)
        assert events == []
        assert not lease.fenced
    else:
        assert made
        assert (job.status, job.notice) == (target, "new")
        assert (job.finished_at is not None) == (target in ENDED)
        assert events == [(str(move), "api", "Ada")]
        assert lease.fenced == (target not in RUNNABLE)
