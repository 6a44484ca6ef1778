"""The broker classes while the database is away."""

from django.db import connection

from jobs.cluster import notifier
from jobs.cluster.brokers import ORMBroker


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
