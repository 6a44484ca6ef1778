"""Lost connections: a call may be repeated, whether or not its first attempt was committed."""

from contextlib import closing, contextmanager
from time import time

import pytest
from django.db import OperationalError, connection

from jobs.backends import Backend, Gauges, LeaseStore, current, dedicated_connection, open_store
from jobs.models import Lease
from tests.backends.contract import covers
from tests.support.worker import FakeWorker, finished

LOST = ["the request", "the answer"]


@pytest.fixture
def own(module_database):
    with closing(dedicated_connection()) as made:
        yield made


@pytest.fixture
def worker(job, own):
    made = FakeWorker(job, connection=own)
    yield made
    made.store.close()


@pytest.fixture
def lose(monkeypatch):
    """Breaks the connection in a store's next transaction, before or after its commit."""

    def lose(store, lost):
        transaction = store.transaction

        @contextmanager
        def broken():
            monkeypatch.setattr(store, "transaction", transaction)
            with transaction():
                yield
                if lost == "the request":
                    raise OperationalError("the connection was lost")
            raise OperationalError("the connection was lost")

        monkeypatch.setattr(store, "transaction", broken)

    return lose


def repeat(call, store):
    """Call until the database answers; the second attempt has a new connection."""
    with pytest.raises(OperationalError):
        call()
    store.reconnect()
    return call()


def state(job):
    return list(job.items.order_by("position").values_list("position", "status", "sequence")), list(
        job.leases.values_list(
            "succeeded", "sequence", "current_item", "first_position", "last_position"
        )
    )


@covers(Backend.add_dedicated_options)
def test_a_dedicated_connection_is_not_the_one_of_the_thread(own, worker):
    assert worker.finish_and_claim()
    assert own.connection is not connection.connection


@covers(LeaseStore.reconnect, LeaseStore.attach)
def test_a_store_continues_on_a_new_connection(job, worker):
    items = worker.finish_and_claim(size=3)
    before = worker.store.connection.connection
    worker.store.reconnect()
    assert worker.store.connection.connection is not before
    assert worker.store.start(items[1], 1, 0, time())
    worker.finish_and_claim(*map(finished, items[:2]), size=0)
    assert job.leases.get().sequence == 2


@covers(LeaseStore.finish_and_claim, LeaseStore.lock_lease)
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("lost", LOST)
def test_a_repeated_first_claim_returns_the_same_items(job, worker, lose, lost, size):
    lose(worker.store, lost)
    items = repeat(lambda: worker.finish_and_claim(size=size), worker.store)
    assert [item.position for item in items] == list(range(size))
    assert job.items.filter(lease_token=worker.lease.token).count() == size
    assert state(job)[1] == [(0, 0, items[0].id, 0, size - 1)]
    worker.finish_and_claim(*map(finished, items), size=0)
    assert job.leases.get().sequence == size


@covers(LeaseStore.finish_and_claim, LeaseStore.lock_lease)
@pytest.mark.parametrize("size", [0, 1, 3])
@pytest.mark.parametrize("lost", LOST)
def test_repeated_results_are_written_once(job, worker, lose, lost, size):
    items = worker.finish_and_claim(size=3)
    outcomes = [finished(item) for item in items[:2]]
    lose(worker.store, lost)
    following = repeat(lambda: worker.finish_and_claim(*outcomes, size=size), worker.store)
    assert [item.position for item in following] == list(range(2, 2 + size))
    rows, ((succeeded, sequence, running, first, last),) = state(job)
    assert (succeeded, sequence, running) == (2, 2, following[0].id if size else None)
    assert (first, last) == ((2, 1 + size) if size else (None, None))
    assert [row[2] for row in rows[:4]] == [1, 2, None, None]
    if size > 1:
        assert worker.store.start(following[1], 1, 0, time())
    worker.finish_and_claim(*map(finished, following), size=0)
    assert job.leases.get().sequence == 2 + size


@covers(LeaseStore.flush, LeaseStore.lock_lease)
@pytest.mark.parametrize("lost", LOST)
def test_a_repeated_flush_is_written_once(job, worker, lose, lost):
    items = worker.finish_and_claim(size=4)
    assert worker.store.start(items[1], 1, 0, time())
    lose(worker.store, lost)
    repeat(lambda: worker.store.flush([finished(items[0])], items[1], Gauges()), worker.store)
    assert state(job)[1] == [(1, 1, items[1].id, 1, 1)]
    worker.finish_and_claim(finished(items[1]), size=0)
    assert job.leases.get().sequence == 2


@covers(LeaseStore.adopt, LeaseStore.release_range)
def test_a_store_that_adopts_a_dead_holders_claims_writes_and_releases_them(job, worker, own):
    items = worker.finish_and_claim(size=5)
    worker.store.close()
    lease = Lease.objects.get(pk=worker.lease.pk)
    with closing(open_store(lease, operation="act", remembers=False, connection=own)) as heir:
        heir.adopt(lease)
        heir.finish_and_claim([finished(item) for item in items[:2]], 0, Gauges())
    assert not job.items.filter(lease_token__isnull=False).exists()
    assert job.leases.get().sequence == 2


@covers(LeaseStore.close)
def test_a_closed_store_leaves_the_connection_to_its_owner(worker):
    worker.store.close()
    worker.store.close()
    assert worker.store.connection.is_usable()


@covers(Backend.interrupt)
def test_an_interrupt_of_a_closed_connection_does_nothing(module_database):
    own = dedicated_connection()
    current().interrupt(own)
    own.ensure_connection()
    own.close()
    current().interrupt(own)


@covers(Backend.describe)
def test_error_of_the_database_is_one_sentence_for_a_person(module_database):
    text = current().describe(OperationalError("the connection\n is lost?"))
    assert text.startswith("The database ")
    assert "cannot be used: the connection is lost." in text
    assert (
        "DATABASE_URL" if current().spans_machines else connection.settings_dict["NAME"]
    ) in text
