"""Keepers and the supervising loop, with real processes."""

import os
import pty
import signal
import sys
import threading
import time

import pytest

from jobs.supervision.cluster import ClusterKeeper
from jobs.supervision.decisions import StuckWatch
from jobs.supervision.group import Group
from jobs.supervision.keeper import Keeper, how_it_ended
from jobs.supervision.lookout import Sight
from jobs.supervision.stop_request import StopRequest, stop_request
from jobs.supervision.supervisor import end_all, keep_running
from tests.support.waiting import wait_until


def program(code):
    return Group("program", [sys.executable, "-c", code])


SLEEPER = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


class Sights:
    """A lookout whose sights the test decides."""

    def __init__(self, *sights):
        self.sights = list(sights)

    def start(self):
        pass

    def take(self):
        return self.sights.pop(0) if self.sights else None


@pytest.fixture
def said():
    return []


def step_until(keeper, condition):
    def stepped():
        keeper.step()
        return condition()

    wait_until(stepped)


def test_a_program_that_was_killed_is_started_again(said):
    keeper = Keeper(program(SLEEPER), report=said.append)
    keeper.start()
    first = keeper.group.pid
    os.kill(first, signal.SIGKILL)
    try:
        step_until(keeper, lambda: keeper.group.is_running and keeper.group.pid != first)
    finally:
        keeper.group.end(grace_seconds=0)
    assert said == ["The program was killed by SIGKILL; it is started again in 0.5 s."]


def test_a_program_that_runs_once_is_not_started_again(said):
    keeper = Keeper(program("pass"), report=said.append, restart=False)
    keeper.start()
    wait_until(lambda: not keeper.group.is_running)
    pid = keeper.group.pid
    for _ in range(5):
        keeper.step()
    assert keeper.group.pid == pid
    assert said == []


@pytest.mark.parametrize(
    ("code", "words"),
    [(3, "ended with exit code 3"), (-9, "was killed by SIGKILL"), (-63, "by signal 63")],
)
def test_how_a_program_ended_is_told(code, words):
    assert words in how_it_ended(code)


def cluster(said, replaced, *, sights, clock):
    return ClusterKeeper(
        program(STUBBORN),
        report=said.append,
        lookout=Sights(*sights),
        watch=StuckWatch(patience_seconds=15, clock=clock),
        replaced=replaced,
    )


def test_a_cluster_that_takes_no_work_is_replaced_and_that_is_recorded(said):
    seconds = iter(range(1000))
    reasons = []
    keeper = cluster(
        said, reasons.append, sights=[Sight(True, 7)] * 40, clock=lambda: next(seconds)
    )
    keeper.start()
    first = keeper.group.pid
    try:
        step_until(keeper, lambda: keeper.group.pid != first)
        assert keeper.group.is_running
    finally:
        keeper.group.end(grace_seconds=0)
    assert reasons == ["Work waited for 15 seconds and no worker took any"]
    assert said == [f"{reasons[0]}; the cluster is replaced."]


def test_a_cluster_is_replaced_even_if_that_cannot_be_recorded(said):
    def replaced(_reason):
        raise RuntimeError("the database is away")

    seconds = iter(range(1000))
    keeper = cluster(said, replaced, sights=[Sight(True, 7)] * 40, clock=lambda: next(seconds))
    keeper.start()
    first = keeper.group.pid
    try:
        step_until(keeper, lambda: keeper.group.pid != first)
        assert keeper.group.is_running
    finally:
        keeper.group.end(grace_seconds=0)


def test_no_news_from_the_database_is_no_reason_to_replace(said):
    keeper = cluster(said, said.append, sights=[Sight(True, 7)] * 3, clock=time.monotonic)
    keeper.start()
    first = keeper.group.pid
    try:
        for _ in range(50):
            keeper.step()
        assert keeper.group.pid == first
    finally:
        keeper.group.end(grace_seconds=0)
    assert said == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_loop_ends_with_a_signal_and_the_handlers_are_put_back(number):
    before = signal.getsignal(number)
    with stop_request() as request:
        timer = threading.Timer(0.2, os.kill, [os.getpid(), number])
        timer.start()
        keep_running([], request)
        timer.join()
    assert request.times == 1
    assert signal.getsignal(number) is before


def test_under_nohup_the_terminal_may_go():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_request() as request:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not request
            os.kill(os.getpid(), signal.SIGTERM)
            assert request
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_closed_terminal_is_a_request():
    window, screen = pty.openpty()
    with os.fdopen(screen) as stream:
        request = StopRequest(stream)
        assert not request
        os.close(window)
        assert request
        assert request.times == 1
        assert request


def test_stopping_kills_after_its_time_and_says_whom(said):
    keepers = [Keeper(program(code), report=said.append) for code in (SLEEPER, STUBBORN)]
    keepers[1].group.name = "stubborn program"
    for keeper in keepers:
        keeper.start()
    wait_until(lambda: ignores_sigterm(keepers[1].group.pid))
    assert end_all(keepers, StopRequest(), stop_seconds=1, report=said.append)
    assert said == ["Killing what has not stopped yet: stubborn program."]
    assert [keeper.group.is_running for keeper in keepers] == [False, False]


def test_a_second_request_ends_the_wait(said):
    keeper = Keeper(program(STUBBORN), report=said.append)
    keeper.start()
    wait_until(lambda: ignores_sigterm(keeper.group.pid))
    request = StopRequest()
    threading.Timer(0.3, request, [signal.SIGINT, None]).start()
    assert end_all([keeper], request, stop_seconds=600, report=said.append)
    assert not keeper.group.is_running


def ignores_sigterm(pid):
    with open(f"/proc/{pid}/status") as stream:
        masks = dict(line.split(":", 1) for line in stream)
    return bool(int(masks["SigIgn"], 16) & 1 << (signal.SIGTERM - 1))
