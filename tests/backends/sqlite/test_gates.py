"""SQLite: the gate file of a lease, seen by its worker, by readers, by a cancel and by sweeps."""

import fcntl
import multiprocessing
import os
import random
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, time
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, transaction

from jobs import services
from jobs.backends import FenceTimeout, current, dedicated_connection, job_totals
from jobs.backends.gates import Gate
from jobs.backends.gates.folder import CLOSE_SECONDS
from jobs.lifecycle import leases, transitions
from jobs.lifecycle.recovery import StallDetector, sweep
from jobs.models import Lease
from tests.support.waiting import wait_until
from tests.support.worker import finished, release


def path_of(token):
    return current().gates.path_of(token)


def make_gate(token):
    return Gate(current().gates, token)


pytestmark = [
    pytest.mark.usefixtures("module_database"),
    pytest.mark.parametrize("module_database", ["sqlite"], indirect=True),
]


@pytest.fixture
def batch(worker):
    """Three items are claimed; the first has succeeded, the second is running."""
    items = worker.finish_and_claim(size=3)
    assert worker.store.start(items[1], 1, 0, time())
    return items


def fence(job):
    with transaction.atomic():
        transitions.fence(job.pk)


def totals(job):
    return job_totals([job.pk])[job.pk]


def test_a_start_does_not_touch_the_lease_row(job, batch):
    assert job.leases.get().current_item == batch[0].id
    assert totals(job).succeeded == 1


def test_a_fence_between_a_commit_and_the_record_of_it_is_kept(job, worker, monkeypatch):
    items = worker.finish_and_claim(size=2)
    monkeypatch.setattr(worker.store.gate, "committed", lambda *_: fence(job))
    items = worker.finish_and_claim(*map(finished, items[:1]), size=3)
    assert not worker.store.start(items[1], 1, 0, time())
    found = totals(job)
    assert (found.succeeded, found.in_flight) == (1, 1)


def test_a_gate_closed_by_a_rolled_back_fence_is_opened_by_the_next_claim(job, worker, batch):
    with transaction.atomic():
        transitions.fence(job.pk)
        transaction.set_rollback(True)
    assert not worker.store.start(batch[2], 2, 0, time())
    items = worker.finish_and_claim(*map(finished, batch[:2]), size=3)
    assert worker.store.start(items[1], 1, 0, time())


def test_a_worker_that_returns_after_its_release_leaves_no_file(worker, batch):
    lease = Lease.objects.get(pk=worker.lease.pk)
    release(lease)
    assert not worker.store.start(batch[2], 2, 0, time())
    make_gate(lease.holder).close()  # creates the file again
    assert path_of(lease.holder).exists()
    assert release(lease) is None
    assert not path_of(lease.holder).exists()


def test_a_record_that_was_written_in_part_is_ignored(job, worker, batch):
    with path_of(worker.store.token).open("r+b") as file:
        file.seek(64)
        file.write(os.urandom(20))
    assert totals(job).in_flight == 1
    fence(job)
    assert job.leases.get().current_item == batch[0].id
    assert not worker.store.start(batch[2], 2, 0, time())


@pytest.mark.parametrize("change", ["release", "fence"])
def test_counters_read_during_a_change_include_what_the_gate_had_recorded(
    job, worker, batch, change
):
    def change_once():
        if change == "release":
            worker.finish_and_claim(*map(finished, batch), size=0)
            release(worker.lease)
        else:
            worker.finish_and_claim(*map(finished, batch[:2]), size=2)
            fence(job)

    changes = [change_once]

    def read():
        found = list(job.leases.all())
        if changes:
            changes.pop()()
        return found

    rows = current().gates.refresh(read)
    assert sum(row.succeeded + row.batch_succeeded for row in rows) == (
        3 if change == "release" else 2
    )


def test_a_gate_has_the_owner_and_permissions_of_the_database(tmp_path, monkeypatch):
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o2770)
    database = folder / "db.sqlite3"
    database.touch(0o600)
    database.chmod(0o660)
    if os.geteuid() == 0:  # only root creates files for others
        os.chown(folder, 4242, 4243)
        os.chown(database, 4242, 4243)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(database))
    make_gate(7).close()
    for made, like in ((folder / "db.sqlite3-gates", folder), (path_of(7), database)):
        found, wanted = made.stat(), like.stat()
        assert (found.st_mode & 0o7777) == (wanted.st_mode & 0o7777)
        assert (found.st_uid, found.st_gid) == (wanted.st_uid, wanted.st_gid)


def test_a_database_reached_through_a_link_has_the_same_gates(tmp_path, monkeypatch):
    (tmp_path / "real.sqlite3").touch()
    (tmp_path / "link.sqlite3").symlink_to("real.sqlite3")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "real.sqlite3"))
    gate = make_gate(7)
    gate.committed(1, 1, 1.0)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "link.sqlite3"))
    assert current().gates.close(
        SimpleNamespace(token=7, gated=True, sequence=1, current_item=1, current_since=1.0)
    )
    assert not gate.start(2, 2.0, 1, 0)
    gate.close()


@pytest.mark.parametrize("harm", ["removed", "closed", "replaced"])
def test_a_worker_whose_file_or_descriptor_is_lost_is_still_fenced(
    job, worker, batch, tmp_path, harm
):
    """Somebody has cleaned up, or an operation has closed descriptors that are not its own."""
    store, innocent = worker.store, tmp_path / "innocent"
    innocent.touch()
    if harm == "removed":
        path_of(store.token).unlink()
    else:
        number = store.gate._fd
        os.close(number)
        if harm == "replaced":
            other = os.open(innocent, os.O_RDWR)
            os.dup2(other, number)
            os.close(other)
    assert not store.start(batch[2], 2, 0, time())
    items = worker.finish_and_claim(*map(finished, batch[:2]), size=3)
    assert store.start(items[1], 1, 0, time())
    fence(job)
    assert not store.start(items[2], 2, 0, time())
    assert innocent.read_bytes() == b""


def test_a_sweep_removes_old_files_of_leases_that_are_not_held(worker):
    make_gate(0xDEAD).close()
    make_gate(0xFEED).close()
    worker.finish_and_claim(size=2)
    for token in (0xDEAD, worker.store.token):
        os.utime(path_of(token), (1.0, 1.0))
    sweep(StallDetector())
    assert [path_of(token).exists() for token in (0xDEAD, 0xFEED, worker.store.token)] == [
        False,
        True,
        True,
    ]
    current().gates.discard(0xFEED)


def test_a_cancel_waits_for_a_worker_stopped_in_a_start_while_others_can_write(job, worker, batch):
    with path_of(worker.store.token).open("r+b") as stopped, ThreadPoolExecutor(1) as pool:
        fcntl.flock(stopped, fcntl.LOCK_EX)
        cancel = pool.submit(cancel_and_close, job.pk)
        with pytest.raises(TimeoutError):
            cancel.result(timeout=2 * CLOSE_SECONDS)
        assert leases.renew(worker.store.token)
        fcntl.flock(stopped, fcntl.LOCK_UN)
        assert cancel.result(timeout=20) is None
    assert job.leases.get().fenced


def cancel_and_close(job_id):
    try:
        services.cancel_job(job_id, actor=services.Actor())
    finally:
        connection.close()


def test_a_gate_that_cannot_be_created_is_an_error_of_the_database(monkeypatch):
    name = str(connection.settings_dict["NAME"])
    monkeypatch.setitem(connection.settings_dict, "NAME", f"{name}/no/folder")
    with pytest.raises(OperationalError, match="cannot be started"):
        make_gate(5)


def test_a_sweep_begins_when_no_other_writer_holds_the_database():
    own = dedicated_connection()
    with ThreadPoolExecutor(1) as pool:
        with own.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
        begin = pool.submit(begin_and_close)
        with pytest.raises(TimeoutError):
            begin.result(timeout=0.2)
        own.close()
        begin.result(timeout=20)


def begin_and_close():
    try:
        current().begin_sweep()
    finally:
        connection.close()


def test_a_dedicated_connection_does_not_sleep_in_sqlite_for_the_write_lock():
    own = dedicated_connection()
    with own.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (0,)
    own.close()


ROUNDS = range(1000, 1080)


def _start_until_closed(started):
    """In a child: start items as fast as possible, gate after gate."""
    for place, token in enumerate(ROUNDS):
        gate = make_gate(token)
        gate.committed(1, 1, 1.0)
        while gate.start(1, 1.0, started[place] + 1, 0):
            started[place] += 1
        gate.close()
    os._exit(0)


def _close(token):
    """The row with what its gate has recorded; None if the child was interrupted in a start."""
    row = SimpleNamespace(token=token, gated=True, sequence=1, current_item=1, current_since=1.0)
    try:
        return row if current().gates.close(row) else None
    except FenceTimeout:
        return None


def test_nothing_starts_after_a_gate_was_closed_however_fast_its_worker_is():
    dice = random.Random(7)
    context = multiprocessing.get_context("fork")
    started = context.Array("q", len(ROUNDS), lock=False)
    child = context.Process(target=_start_until_closed, args=(started,), daemon=True)
    child.start()
    deadline = monotonic() + 60
    rows = []
    for place, token in enumerate(ROUNDS):
        enough = dice.randrange(1, 120)
        while started[place] < enough:
            assert monotonic() < deadline, "the child does not start items behind the last gate"
            os.sched_yield()
        rows.append(wait_until(lambda token=token: _close(token)))
    child.join(30)
    assert [row.batch_succeeded for row in rows] == list(started), "every start was reported"
    for token in ROUNDS:
        current().gates.discard(token)
        assert not path_of(token).exists()
