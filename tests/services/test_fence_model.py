"""No item starts after a cancel has answered, whatever is lost, cut off or stopped; and the model
finds each version of the engine that leaves out a part of the lease rule."""

import os
from unittest import mock

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from jobs.backends.gates import Gate
from jobs.lifecycle import leases
from jobs.lifecycle.leases import Renewed
from tests.services.fence_machine import STEPS, FenceMachine

EXAMPLES = int(os.environ.get("STATEFUL_EXAMPLES", "25"))
UNTIL_FOUND = 2000
"""Examples in which a broken version must be found; one of the first hundred usually does."""

pytestmark = [
    pytest.mark.slow(20),
    pytest.mark.usefixtures("module_database"),
    pytest.mark.parametrize("module_database", ["postgres"], indirect=True),
]


def play(examples, steps=STEPS, count=40):
    machine = type("Machine", (FenceMachine,), {"steps": steps})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=count,
                deadline=None,
                database=None,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        connections["default"].close()


@pytest.mark.timeout(120 + 10 * EXAMPLES)
def test_no_item_starts_after_the_answer_of_a_cancel():
    play(2 * EXAMPLES)


def without_permits():
    """The executor starts items as long as nobody has closed its gate."""
    return mock.patch.object(Gate, "_is_permitted", return_value=True)


def without_a_second_look():
    """A process that was stopped between its check and its start continues."""
    real = Gate._is_permitted

    class Careless(Gate):
        def start(self, *record):
            self.looks = 0
            return super().start(*record)

        def _is_permitted(self):
            self.looks += 1
            return self.looks > 1 or real(self)

    return mock.patch("jobs.backends.lease_store.Gate", Careless)


def without_the_fence_in_heartbeats():
    """A heartbeat that is answered extends the permit whatever it has found."""
    renew = leases.renew

    def blind(token):
        return Renewed() if renew(token) else None

    return mock.patch.object(leases, "renew", blind)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("variant", "steps"),
    [
        # Only steps that can matter: it is found sooner.
        (without_permits, ("start", "tick", "cut", "cancel", "poll")),
        (without_a_second_look, ("start", "cut")),
        (without_the_fence_in_heartbeats, ("start", "beat", "tick", "tick", "cancel", "poll")),
    ],
)
def test_the_model_finds_a_version_that_breaks_the_lease_rule(variant, steps):
    with variant(), pytest.raises(AssertionError):
        play(UNTIL_FOUND, steps, count=15)
