"""The table of transitions, against the contract's words."""

import pytest

from jobs.states import ACTIVE, FINISHED, RUNNABLE, TRANSITIONS, JobStatus, Transition

# Written a second time, in the contract's words, so that a slip in the table is found.
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
    "paused": {"cancel": "cancelled", "resume": "queued", "retry": "queued", "fail": "failed"},
    "completed": {"resume": "queued", "retry": "queued"},
    "cancelled": {"resume": "queued", "retry": "queued"},
    "failed": {"resume": "queued", "retry": "queued"},
}


def test_the_groups_divide_the_statuses():
    assert set(JobStatus.values) == set(ALLOWED)
    assert {"queued", "processing"} == RUNNABLE
    assert {"queued", "processing", "paused"} == ACTIVE
    assert {"completed", "cancelled", "failed"} == FINISHED


@pytest.mark.parametrize("status", JobStatus)
def test_the_transitions_of_a_status_are_those_of_the_contract(status):
    found = {name: rule.target for name, rule in TRANSITIONS.items() if status in rule.sources}
    assert found == ALLOWED[status]


def test_every_transition_has_a_rule():
    assert set(TRANSITIONS) == set(Transition)
