"""Hints to the clusters, as the broker keeps them."""

import pytest
from django_q.brokers import get_broker

from jobs.enqueue import hint

BROKERS = ("sqlite", "postgres+valkey")


@pytest.mark.parametrize("setup", BROKERS)
def test_hints_do_not_pile_up_while_all_workers_are_busy(site_factory, setup):
    site_factory(setup, workers=3)
    hint(2)
    assert get_broker().queue_size() == 2
    for _ in range(3):
        hint(2)
    assert get_broker().queue_size() == 3
