"""Supervised programs with real processes: restarts, and the replacement of a stuck cluster."""

import os
import signal
import time
from itertools import count

import pytest

from jobs.supervisor.policies import StuckDetector
from jobs.supervisor.probe import ProbeResult
from jobs.supervisor.supervised import SupervisedCluster, SupervisedProcess, describe_exit
from tests.processes.programs import SLEEPER, STUBBORN, program
from tests.support.waiting import wait_until


class ScriptedProbe:
    """A probe whose results the test decides."""

    def __init__(self, results):
        self.results = list(results)

    def start(self):
        pass

    def take(self):
        return self.results.pop(0) if self.results else None


@pytest.fixture
def reports():
    return []


@pytest.fixture
def started():
    """Starts supervised programs that are killed at the end of the test."""
    all_started = []

    def start(supervised):
        all_started.append(supervised)
        supervised.start()
        return supervised

    yield start
    for supervised in all_started:
        supervised.tree.kill(grace_seconds=0)


def step_until_restarted(supervised):
    first = supervised.tree.pid

    def restarted():
        supervised.step()
        return supervised.tree.is_running and supervised.tree.pid != first

    wait_until(restarted)


def test_killed_program_is_started_again(started, reports):
    supervised = started(SupervisedProcess(program(SLEEPER), report=reports.append))
    os.kill(supervised.tree.pid, signal.SIGKILL)
    wait_until(lambda: not supervised.tree.is_running)
    step_until_restarted(supervised)
    assert reports == ["The program was killed by SIGKILL; it is started again in 0.5 s."]


def test_program_that_runs_once_is_not_started_again(started, reports):
    once = SupervisedProcess(program("pass"), report=reports.append, restart=False)
    supervised = started(once)
    wait_until(lambda: not supervised.tree.is_running)
    pid = supervised.tree.pid
    for _ in range(5):
        supervised.step()
    assert supervised.tree.pid == pid
    assert reports == []


@pytest.mark.parametrize(
    ("code", "words"),
    [(3, "ended with exit code 3"), (-9, "was killed by SIGKILL"), (-63, "by signal 63")],
)
def test_exit_code_is_described(code, words):
    assert words in describe_exit(code)


def cluster(reports, on_replaced, *, results, clock):
    return SupervisedCluster(
        program(STUBBORN),
        report=reports.append,
        probe=ScriptedProbe(results),
        detector=StuckDetector(threshold_seconds=15, clock=clock),
        on_replaced=on_replaced,
    )


def failing_record(_reason):
    raise RuntimeError("the database is away")


def test_stuck_cluster_is_replaced_and_recorded(started, reports):
    reasons = []
    results = [ProbeResult(True, 7)] * 40
    step_until_restarted(
        started(cluster(reports, reasons.append, results=results, clock=count().__next__))
    )
    assert reasons == ["Work waited for 15 seconds but no worker picked it up"]
    assert reports == [f"{reasons[0]}; the cluster is replaced."]


def test_stuck_cluster_is_replaced_even_if_recording_fails(started, reports):
    results = [ProbeResult(True, 7)] * 40
    step_until_restarted(
        started(cluster(reports, failing_record, results=results, clock=count().__next__))
    )


def test_cluster_without_probe_results_is_not_replaced(started, reports):
    results = [ProbeResult(True, 7)] * 3
    supervised = started(cluster(reports, reports.append, results=results, clock=time.monotonic))
    first = supervised.tree.pid
    for _ in range(50):
        supervised.step()
    assert supervised.tree.pid == first
    assert reports == []
