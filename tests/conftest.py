"""What every test gets. Skips are allowed by `tests.support.requirements` only."""

import gc
import os
import signal
from typing import Any

import pytest

from tests.support.arguments import check_arguments
from tests.support.folders import close_run_folder, open_run_folder
from tests.support.ordering import longest_units_first, scheduler
from tests.support.stacks import EVERY_STACK

pytest_plugins = ["tests.support.fixtures"]

SITES = ("site", "quick_site", "running")
"""Fixtures that make a site on each stack."""


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
        check_arguments(config.args, config.invocation_params.dir)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        close_run_folder()


def _needs_programs(item: pytest.Item) -> bool:
    """Return True if the test's fixtures start servers, processes of a site, or a browser."""
    if item.get_closest_marker("programs"):
        return True
    if "servers" not in getattr(item, "fixturenames", ()):
        return False
    call = getattr(item, "callspec", None)
    return call is None or call.params.get("module_database") != "sqlite"


def _is_needless(item: pytest.Item) -> bool:
    """Return True for a test on Valkey that is no `broker` test: it adds nothing to PostgreSQL's.

    Only tests that take their site from a fixture with a stack are meant.
    """
    call = getattr(item, "callspec", None)
    if EVERY_STACK or call is None or item.get_closest_marker("broker"):
        return False
    return "postgres+valkey" in (call.params.get(name) for name in SITES)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if _needs_programs(item):
            item.add_marker("programs")
    config.hook.pytest_deselected(items=[item for item in items if _is_needless(item)])
    items[:] = longest_units_first([item for item in items if not _is_needless(item)])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return scheduler(config, log) if config.getvalue("dist") == "loadscope" else None


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
