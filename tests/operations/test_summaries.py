"""An operation's own sentence about a job."""

import logging

import pytest

from jobs.backends import JobTotals
from jobs.models import Job
from jobs.operations import Operation, registry, summaries, summarize
from jobs.progress.status import progress_of

PROGRESS = progress_of(
    Job(status="processing", total_items=10), JobTotals(succeeded=3, failed=2, warnings=1)
)


@pytest.fixture
def said(monkeypatch):
    """What is said of a job by an operation with this `summary`."""

    def summary_by(method, totals=None):
        class Saying(Operation):
            name = "saying"
            summary = method

        monkeypatch.setitem(registry._operations, "saying", Saying())
        monkeypatch.setattr(summaries, "_reported", set())
        return summarize("saying", PROGRESS, totals or {})

    return summary_by


def test_operation_gets_the_counts_of_the_job_and_its_totals(said):
    def count(self, progress, totals):
        return f"{progress.succeeded} of {progress.total}, {totals['bytes']} bytes"

    assert said(count, {"bytes": 5}) == "3 of 10, 5 bytes"


@pytest.mark.parametrize("nothing", ["", None, " \n"])
def test_operation_that_says_nothing_has_no_summary(said, nothing):
    assert said(lambda *_: nothing) is None


def test_summary_is_one_short_line_of_storable_text(said):
    assert said(lambda *_: "a\n\tb\0c") == "a b\ufffdc"
    long = said(lambda *_: "x" * 1000)
    assert (len(long), long[-1]) == (summaries.SUMMARY_LIMIT, "…")


def test_summary_that_is_no_text_becomes_text(said):
    assert said(lambda *_: 5) == "5"


def test_operation_that_fails_has_no_summary_and_one_line_in_the_log(said, caplog):
    def fail(self, progress, totals):
        raise RuntimeError("boom")

    with caplog.at_level(logging.WARNING):
        assert said(fail) is None
        assert summarize("saying", PROGRESS, {}) is None
    assert [record.getMessage() for record in caplog.records] == ["“saying” cannot sum up its jobs"]


def test_operation_cannot_change_the_totals(said):
    totals = {"bytes": 5}
    said(lambda self, progress, totals: str(totals.clear()), totals)
    assert totals == {"bytes": 5}


def test_operation_that_is_not_installed_has_no_summary():
    assert summarize("not installed", PROGRESS, {}) is None
    assert summarize("preview", PROGRESS, {"bytes": 1}) is None
