"""The worker: what it sees of its executor, with a real child process."""

import os

from jobs.cluster.host_tasks import WorkPeriod
from jobs.worker.worker import KillReason, Worker
from tests.support.processes import is_alive
from tests.support.waiting import wait_until


def test_output_written_just_before_the_executor_ends_is_passed_on(capsysbinary, monkeypatch):
    worker = Worker(WorkPeriod())
    worker.kill_reason = KillReason("no limit is enforced here")
    may_end, let_it_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        worker.output.capture()
        os.write(2, b"first words\n")
        os.read(may_end, 1)
        os.write(2, b"last words\n")
        os._exit(0)
    worker.output.watch()
    drain = worker.output.drain

    def drain_and_let_it_end(item):
        found = drain(item)
        os.write(let_it_end, b"x")
        wait_until(lambda: not is_alive(pid))
        return found

    monkeypatch.setattr(worker.output, "drain", drain_and_let_it_end)
    assert os.waitstatus_to_exitcode(worker._watch(pid)) == 0
    assert capsysbinary.readouterr().err == b"first words\nlast words\n"
    worker.output.close()
    os.close(may_end)
    os.close(let_it_end)
