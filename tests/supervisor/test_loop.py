"""Requests to stop, and the stop of several programs."""

import os
import pty
import signal
import sys
import threading

import pytest

from jobs.supervisor.loop import SIGNALS, StopRequest, stop_all, stop_request, supervise
from jobs.supervisor.supervised import SupervisedProcess
from tests.processes.family import in_subreaper, zombies
from tests.processes.programs import SLEEPER, STUBBORN, ignores_sigterm, program
from tests.support.waiting import wait_until


@pytest.fixture
def reports():
    return []


@pytest.fixture
def started(reports):
    """Starts programs, and waits until the stubborn ones ignore SIGTERM."""
    trees = []

    def start(*codes):
        supervised = []
        for number, code in enumerate(codes, 1):
            tree = program(code, name=f"program {number}")
            trees.append(tree)
            supervised.append(SupervisedProcess(tree, report=reports.append))
            tree.start()
            if code == STUBBORN:
                wait_until(lambda tree=tree: ignores_sigterm(tree))
        return supervised

    yield start
    for tree in trees:
        tree.kill(grace_seconds=0)


def test_each_signal_is_a_request_while_open_and_handlers_are_restored_after():
    before = [signal.getsignal(number) for number in SIGNALS]
    with stop_request() as request:
        assert not request
        for times, number in enumerate(SIGNALS, 1):
            os.kill(os.getpid(), number)
            assert request.times == times
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_signal_ends_the_loop(started):
    [supervised] = started(SLEEPER)
    with stop_request() as request:
        timer = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGTERM])
        timer.start()
        supervise([supervised], request)
        timer.join()
    assert request.times == 1
    assert supervised.tree.is_running


ORPHANS = """
import os
for _ in range(5):
    if not os.fork():
        os.setsid()
        if not os.fork():
            os._exit(0)
        os._exit(0)
    os.wait()
os._exit(7)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_orphans_of_a_program_are_reaped_and_its_own_exit_code_is_reported():
    def check():
        reports = []
        supervised = SupervisedProcess(program(ORPHANS), report=reports.append)
        supervised.start()
        with stop_request() as request:

            def stop_after_the_second_end():
                wait_until(lambda: len(reports) == 2)
                os.kill(os.getpid(), signal.SIGTERM)

            thread = threading.Thread(target=stop_after_the_second_end)
            thread.start()
            supervise([supervised], request)
            thread.join()
            assert zombies() == []
            stop_all([supervised], request, stop_seconds=5, report=reports.append)
        assert all("ended with exit code 7" in report for report in reports)

    in_subreaper(check)


def test_sighup_is_ignored_under_nohup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_request() as request:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not request
            os.kill(os.getpid(), signal.SIGTERM)
            assert request
    finally:
        signal.signal(signal.SIGHUP, before)


def test_closed_terminal_is_one_request():
    window, screen = pty.openpty()
    with os.fdopen(screen) as stream:
        request = StopRequest(stream)
        assert not request
        os.close(window)
        assert request
        assert request.times == 1
        assert request


def test_program_that_ignores_sigterm_is_killed_after_the_stop_seconds(started, reports):
    supervised = started(SLEEPER, STUBBORN)
    assert stop_all(supervised, StopRequest(), stop_seconds=1, report=reports.append)
    assert reports == ["Killing what has not stopped yet: program 2."]
    assert [process.tree.is_running for process in supervised] == [False, False]


def test_second_request_kills_at_once(started, reports):
    supervised = started(STUBBORN)
    request = StopRequest()
    threading.Timer(0.3, request, [signal.SIGINT, None]).start()
    assert stop_all(supervised, request, stop_seconds=600, report=reports.append)
    assert not supervised[0].tree.is_running
