"""Gates: how items are started on SQLite, seen by who stops, who counts and who cleans up."""

import fcntl
import multiprocessing
import os
import random
from concurrent.futures import ThreadPoolExecutor
from time import time
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, transaction

from jobs import gates, services
from jobs.gates import Gate
from jobs.gates.files import path_of
from jobs.leases import Verdict
from jobs.ledger import Ended, Gauges, open_ledger
from jobs.models import Lease
from jobs.processes import ProcessIdentity
from jobs.recovery import Observer, sweep
from jobs.states import ItemStatus
from tests.support import rows
from tests.support.waiting import wait_until

SOMEBODY = ProcessIdentity("elsewhere", 1, 1.0)
DEAD = Verdict(charge=True, attempts=3)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job():
    return rows.job("processing", left=6)


@pytest.fixture
def ledger(job):
    lease = Lease.objects.acquire(
        job.pk, host="host", warden=SOMEBODY, executor=SOMEBODY, cluster_pid=1
    )
    found = open_ledger(lease, operation="verify", remembers=False)
    yield found
    found.close()


def ended(item):
    return Ended(item, ItemStatus.SUCCEEDED, "", None, time(), time())


def in_group(ledger):
    """Three items are claimed; the first has ended, the second is running."""
    items = ledger.turn([], 3, Gauges())
    assert ledger.start(items[1], 1, 0, time())
    return items


def fence(job):
    with transaction.atomic():
        Lease.objects.fence(job.pk)


def test_a_started_item_is_seen_at_once(job, ledger):
    items = in_group(ledger)
    tally = Lease.objects.tally([job.pk])[job.pk]
    assert (tally["succeeded"], tally["in_flight"]) == (1, 1)
    ((key, since),) = tally["running"]
    assert key == items[1].key
    assert 0 <= time() - since < 60
    (live,) = Lease.objects.held().live()
    assert (live.current_item, live.group_succeeded) == (items[1].id, 1)
    assert job.leases.get(token=ledger.token).current_item == items[0].id, "the row is older"


def test_a_fence_writes_into_the_row_what_runs(job, ledger):
    items = in_group(ledger)
    fence(job)
    row = job.leases.get(token=ledger.token)
    assert (row.fenced, row.current_item, row.group_succeeded) == (True, items[1].id, 1)
    assert not ledger.start(items[2], 2, 0, time())
    assert Lease.objects.tally([job.pk])[job.pk]["succeeded"] == 1
    ledger.turn([ended(item) for item in items[:2]], 3, Gauges())
    tally = Lease.objects.tally([job.pk])[job.pk]
    assert (tally["succeeded"], tally["in_flight"]) == (2, 0)


def test_a_fence_between_a_turn_and_what_its_file_says_of_it(job, ledger, monkeypatch):
    monkeypatch.setattr(ledger.gate, "turned", lambda *_: fence(job))
    items = ledger.turn([], 3, Gauges())
    assert not ledger.start(items[1], 1, 0, time())
    tally = Lease.objects.tally([job.pk])[job.pk]
    assert (tally["succeeded"], tally["in_flight"]) == (0, 1)


def test_a_fence_that_is_rolled_back_holds_nobody_up(job, ledger):
    items = in_group(ledger)
    with transaction.atomic():
        Lease.objects.fence(job.pk)
        transaction.set_rollback(True)
    assert not ledger.start(items[2], 2, 0, time())
    items = ledger.turn([ended(item) for item in items[:2]], 3, Gauges())
    assert ledger.start(items[1], 1, 0, time())
    assert Lease.objects.tally([job.pk])[job.pk]["succeeded"] == 3


def test_the_try_of_a_dead_worker_counts_for_the_item_that_it_ran(job, ledger):
    items = in_group(ledger)
    given_back = Lease.objects.give_back(ledger.lease_id, ledger.token, DEAD)
    assert given_back.item.pk == items[1].id
    assert list(job.items.filter(attempts=1).values_list("pk", flat=True)) == [items[1].id]


def test_a_worker_that_comes_back_starts_nothing_and_leaves_no_file(job, ledger):
    items = in_group(ledger)
    lease = Lease.objects.get(pk=ledger.lease_id)
    Lease.objects.give_back(lease.pk, lease.holder, DEAD)
    assert not ledger.start(items[2], 2, 0, time())
    late = open_ledger(lease, operation="verify", remembers=False)  # a file of its own
    late.close()
    assert Lease.objects.give_back(lease.pk, lease.holder, Verdict()) is None
    assert files_of(lease.holder) == []


def files_of(token):
    return [path for path in (path_of(token),) if path.exists()]


def test_a_file_that_was_written_in_part_is_not_believed(job, ledger):
    items = in_group(ledger)
    with path_of(ledger.token).open("r+b") as file:
        file.seek(64)
        file.write(os.urandom(20))
    assert Lease.objects.tally([job.pk])[job.pk]["in_flight"] == 1
    fence(job)
    assert job.leases.get(token=ledger.token).current_item == items[0].id
    assert not ledger.start(items[2], 2, 0, time())


def test_whoever_may_use_the_database_may_shut_a_gate(tmp_path, monkeypatch):
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o2770)
    database = folder / "db.sqlite3"
    database.touch(0o600)
    database.chmod(0o660)
    if os.geteuid() == 0:  # only root makes files for others
        os.chown(folder, 4242, 4243)
        os.chown(database, 4242, 4243)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(database))
    Gate(7).close()
    for made, like in ((folder / "db.sqlite3-gates", folder), (path_of(7), database)):
        found, wanted = made.stat(), like.stat()
        assert (found.st_mode & 0o7777) == (wanted.st_mode & 0o7777)
        assert (found.st_uid, found.st_gid) == (wanted.st_uid, wanted.st_gid)


def test_a_database_that_is_reached_through_a_link_has_the_same_gates(tmp_path, monkeypatch):
    (tmp_path / "real.sqlite3").touch()
    (tmp_path / "link.sqlite3").symlink_to("real.sqlite3")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "real.sqlite3"))
    gate = Gate(7)
    gate.turned(1, 1, 1.0)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "link.sqlite3"))
    assert gates.shut(SimpleNamespace(token=7, sequence=1, current_item=1, current_since=1.0))
    assert not gate.start(2, 2.0, 1, 0)


def test_numbers_do_not_go_back_when_a_place_is_given_back_while_they_are_read(job, ledger):
    items = in_group(ledger)

    def leave():
        ledger.turn([ended(item) for item in items], 0, Gauges())
        Lease.objects.give_back(ledger.lease_id, ledger.token, Verdict())

    assert counted(gates.fresh(reading(job, leave))) == 3


def test_numbers_do_not_go_back_when_a_turn_and_a_fence_come_while_they_are_read(job, ledger):
    items = in_group(ledger)

    def turn():
        ledger.turn([ended(item) for item in items[:2]], 2, Gauges())
        fence(job)

    assert counted(gates.fresh(reading(job, turn))) == 2


def reading(job, *events):
    """Reads the job's rows; each time, until there are no more, something happens right after."""
    left = list(events)

    def read():
        found = list(job.leases.all())
        if left:
            left.pop(0)()
        return found

    return read


def counted(leases):
    return sum(lease.succeeded + lease.group_succeeded for lease in leases)


@pytest.mark.parametrize("harm", ["removed", "closed", "another file"])
def test_a_worker_whose_file_is_gone_is_stopped_all_the_same(job, ledger, tmp_path, harm):
    """Somebody has cleaned up, or an operation has closed what is not its own."""
    items = in_group(ledger)
    (tmp_path / "innocent").touch()
    if harm == "removed":
        path_of(ledger.token).unlink()
    else:
        number = ledger.gate._fd
        os.close(number)
        if harm == "another file":
            innocent = os.open(tmp_path / "innocent", os.O_RDWR)
            os.dup2(innocent, number)
    assert not ledger.start(items[2], 2, 0, time())
    items = ledger.turn([ended(item) for item in items[:2]], 3, Gauges())
    assert ledger.start(items[1], 1, 0, time())
    fence(job)
    assert not ledger.start(items[2], 2, 0, time())
    assert (tmp_path / "innocent").read_bytes() == b""


def test_files_that_nobody_needs_are_removed_after_a_while(job, ledger):
    Gate(0xDEAD).close()
    Gate(0xFEED).close()
    for token in (0xDEAD, ledger.token):
        os.utime(path_of(token), (1.0, 1.0))
    sweep(Observer())
    assert [path_of(token).exists() for token in (0xDEAD, 0xFEED, ledger.token)] == [
        False, True, True,
    ]  # fmt: skip
    gates.remove(0xFEED)


def test_a_cancel_waits_for_a_worker_that_was_stopped_in_the_middle_of_a_start(job, ledger):
    in_group(ledger)
    with path_of(ledger.token).open("r+b") as stopped, ThreadPoolExecutor(1) as pool:
        fcntl.flock(stopped, fcntl.LOCK_EX)
        cancel = pool.submit(cancel_and_close, job.pk)
        with pytest.raises(TimeoutError):
            cancel.result(timeout=2 * gates.SHUT_SECONDS)
        # Others can write meanwhile.
        assert Lease.objects.heartbeat(ledger.token)
        fcntl.flock(stopped, fcntl.LOCK_UN)
        assert cancel.result(timeout=20) is None
    assert job.leases.get(token=ledger.token).fenced


def cancel_and_close(job_id):
    try:
        services.cancel_job(job_id, actor=services.Actor())
    finally:
        connection.close()


def test_a_gate_that_cannot_be_made_is_an_error_of_the_database(job, monkeypatch):
    name = str(connection.settings_dict["NAME"])
    monkeypatch.setitem(connection.settings_dict, "NAME", f"{name}/no/folder")
    with pytest.raises(OperationalError, match="cannot be started"):
        Gate(5)


def _start_as_fast_as_possible(token, started):
    gate = Gate(token)
    gate.turned(1, 1, 1.0)
    while gate.start(1, 1.0, started.value + 1, 0):
        started.value += 1


def shut(row):
    """False while the worker has been taken off its processor in the middle of a start."""
    try:
        return gates.shut(row)
    except gates.HeldUp:
        return False


def test_nothing_starts_after_a_gate_was_shut_however_fast_its_worker_is():
    dice = random.Random(7)
    context = multiprocessing.get_context("fork")
    for token in range(1000, 1100):
        started = context.Value("q", 0, lock=False)
        worker = context.Process(
            target=_start_as_fast_as_possible, args=(token, started), daemon=True
        )
        worker.start()
        enough = dice.randrange(20, 2000)
        wait_until(lambda seen=started, n=enough: seen.value > n, what="it starts items")
        row = SimpleNamespace(token=token, sequence=1, current_item=1, current_since=1.0)
        assert wait_until(lambda row=row: shut(row), what="nobody holds us up")
        worker.join(30)
        assert started.value == row.group_succeeded, "all that was started was told"
        gates.remove(token)
        assert files_of(token) == []
