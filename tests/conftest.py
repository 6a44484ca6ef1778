"""What every test gets. Skips are allowed by `tests.support.requirements` only."""

import gc
import os
import signal

import pytest

from tests.support.folders import close_run_folder, open_run_folder
from tests.support.shares import shared_out

pytest_plugins = ["tests.support.fixtures"]


def _is_worker(config: pytest.Config) -> bool:
    """Of pytest-xdist: another process has begun the run, and ends it."""
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Under nohup or in the background of a shell signals are ignored, which is inherited."""
    for number, usual in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)
    if not _is_worker(config):
        open_run_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        close_run_folder()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = shared_out(items, processes)


def pytest_collection_finish() -> None:
    """All that is there by now stays: the collector need not go through it again and again."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """With `REQUIRE_ALL=1` a skip is a failure, however a test asked for it."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("REQUIRE_ALL") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1 allows no skip: {reason}"
    return report
