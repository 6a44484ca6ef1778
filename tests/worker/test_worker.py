"""The worker: what it sees of its executor, with a real child process."""

import os
import subprocess
import sys

import psutil
import pytest

from jobs.cluster.host_tasks import WorkPeriod
from jobs.worker.worker import KillReason, Worker
from tests.processes.family import in_subreaper
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


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
@pytest.mark.parametrize("own_session", [False, True])
def test_program_that_a_host_task_starts_while_an_executor_runs_is_not_ended(
    module_database, monkeypatch, own_session
):
    def check():
        command = ["sh", "-c", "read line; sleep 1000 & echo $!"]
        pipe = subprocess.PIPE
        shell = subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=own_session)
        worker = Worker(WorkPeriod())
        watch, started = worker._watch, []

        def watch_while_the_shell_ends(pid):
            shell.stdin.write(b"go\n")
            shell.stdin.close()
            started.append(psutil.Process(int(shell.stdout.readline())))
            shell.wait()
            assert started[0].ppid() == os.getpid()
            return watch(pid)

        monkeypatch.setattr(worker, "_watch", watch_while_the_shell_ends)
        try:
            assert worker.run()
            assert started[0].status() != psutil.STATUS_ZOMBIE
        finally:
            started[0].kill()
        wait_until(lambda: started[0].status() == psutil.STATUS_ZOMBIE)
        assert Worker(WorkPeriod()).run()
        assert not started[0].is_running(), "it was not reaped"

    in_subreaper(check)
