"""The broker classes: a pusher that waits, and one whose database is away."""

import threading
import time
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from django_q.conf import Conf

from jobs.cluster import notifier
from jobs.cluster.brokers import ORMBroker
from jobs.models import Cluster
from jobs.processes.identity import machine_id
from tests.support.waiting import wait_until


def test_a_message_that_cannot_be_removed_stays_and_raises_no_error(site_factory, servers, caplog):
    site_factory("postgres")
    broker = ORMBroker()
    message = broker.enqueue(notifier.notification())
    connection.ensure_connection()
    servers.postgres.stop()
    try:
        broker.acknowledge(message)
    finally:
        servers.postgres.start()
    assert "A message could not be removed" in caplog.text
    assert broker.queue_size() == 1
    broker.acknowledge(message)
    assert broker.queue_size() == 0


@pytest.mark.parametrize(("stack", "others"), [("sqlite", 0), ("postgres", 1)])
def test_waiting_pusher_hands_out_one_notification_as_soon_as_a_job_of_one_item_is_made(
    site_factory, stack, others, monkeypatch
):
    """Only clusters of other machines need a message besides."""
    site = site_factory(stack)
    for machine in ["elsewhere"] * others + [machine_id()]:
        Cluster.objects.create(
            id=uuid4(), host="host", machine=machine, pid=1, sentinel_pid=2, worker_pids=[3],
            size=1, status="Idle", started_at=timezone.now(), seen_at=Now(), operations=[],
        )  # fmt: skip
    monkeypatch.setattr(Conf, "POLL", 60)
    monkeypatch.setattr(Conf, "WORKERS", 4)
    broker = ORMBroker()
    assert not broker._maintain()  # the sweep has found nothing
    found = []

    def push():
        found.extend(broker.dequeue() or ())
        connection.close()

    monkeypatch.setattr(broker, "_sweep_at", float("inf"))
    pusher = threading.Thread(target=push)
    pusher.start()
    wait_until(lambda: broker._wakeups is not None, what="the pusher listens")
    began = time.monotonic()
    site.start_job(count=1)
    pusher.join(30)
    assert time.monotonic() - began < 20
    assert len(found) == 1
    assert broker.queue_size() == others
    broker._wakeups.close()
