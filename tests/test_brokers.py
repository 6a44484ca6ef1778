"""What django-q2's processes ask of our broker while the database is away."""

from django.db import connection

from jobs import enqueue
from jobs.brokers import OrmBroker


def test_a_message_that_cannot_be_taken_away_ends_nobody(site_factory, servers, caplog):
    site_factory("postgres")
    broker = OrmBroker()
    message = broker.enqueue(enqueue.message())
    connection.ensure_connection()
    servers.postgres.stop()
    try:
        broker.acknowledge(message)
    finally:
        servers.postgres.start()
    assert "A message could not be taken away" in caplog.text
    assert broker.queue_size() == 1
    broker.acknowledge(message)
    assert broker.queue_size() == 0
