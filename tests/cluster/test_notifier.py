"""Notifications of the workers, as the broker keeps them."""

import pytest
from django_q.brokers import get_broker

from jobs.cluster.notifier import notify_workers

BROKERS = ("sqlite", "postgres+valkey")


@pytest.mark.parametrize("setup", BROKERS)
def test_a_broker_keeps_no_more_notifications_than_there_are_workers(site_factory, setup):
    site_factory(setup, workers=3)
    notify_workers(2)
    assert get_broker().queue_size() == 2
    for _ in range(3):
        notify_workers(2)
    assert get_broker().queue_size() == 3
