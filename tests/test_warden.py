"""What a warden sees of its executor, with a real child process."""

import os

from jobs.runner.warden import Killing, Warden
from tests.support.processes import is_alive
from tests.support.waiting import wait_until


def test_what_a_child_says_between_two_looks_at_its_end_is_passed_on(capsysbinary, monkeypatch):
    warden = Warden()
    warden.killing = Killing("not judged here")
    may_end, let_it_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        warden.output.capture()
        os.write(2, b"first words\n")
        os.read(may_end, 1)
        os.write(2, b"last words\n")
        os._exit(0)
    warden.output.watch()
    drain = warden.output.drain

    def drain_and_let_it_end(item):
        found = drain(item)
        os.write(let_it_end, b"x")
        wait_until(lambda: not is_alive(pid))
        return found

    monkeypatch.setattr(warden.output, "drain", drain_and_let_it_end)
    assert os.waitstatus_to_exitcode(warden._watch(pid)) == 0
    assert capsysbinary.readouterr().err == b"first words\nlast words\n"
    warden.output.close()
    os.close(may_end)
    os.close(let_it_end)
