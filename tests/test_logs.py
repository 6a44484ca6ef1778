"""Log lines."""

import logging
import os
import sys
import time

import pytest

from batchsite.logs.formatter import LineFormatter
from batchsite.logs.limits import LineLimits


def line(message, *args, exc_info=None, **extra):
    logger = logging.getLogger("jobs.test")
    record = logger.makeRecord(
        "jobs.test", logging.WARNING, __file__, 1, message, args, exc_info, extra=extra
    )
    return LineFormatter().format(record)


def record(at=0, message="Away", *args, level=logging.WARNING, error=None, **extra):
    """A record of this many seconds after the first."""
    exc_info = (type(error), error, None) if error else None
    made = logging.getLogger("jobs.test").makeRecord(
        "jobs.test", level, __file__, 1, message, args, exc_info, extra=extra
    )
    made.created = 1_800_000_000 + at
    return made


def passes(limits, *args, **options):
    """Whether the filter lets such a record through; with how many suppressed."""
    made = record(*args, **options)
    return limits.filter(made) and getattr(made, "suppressed", 0)


def test_the_same_warning_passes_once_a_minute_with_the_number_suppressed():
    limits = LineLimits()
    assert [passes(limits, at) for at in (0, 1, 2, 59)] == [0, False, False, False]
    assert passes(limits, 61) == 3
    assert passes(limits, 62) is False
    assert passes(limits, 400) == 1
    assert passes(limits, 500) == 0


def test_only_records_equal_in_every_part_are_suppressed():
    limits = LineLimits()
    for one in (
        {}, {"job": 1}, {"job": 2}, {"level": logging.ERROR},
        {"error": ValueError("a")}, {"error": ValueError("b")},
    ):  # fmt: skip
        assert passes(limits, 0, **one) == 0
        assert passes(limits, 1, **one) is False
    assert passes(limits, 1, "Away: %s", "broker") == 0


def test_equal_records_below_warning_pass():
    limits = LineLimits()
    assert [passes(limits, 0, level=logging.INFO) for _ in range(3)] == [0, 0, 0]


def test_all_processes_of_a_site_write_the_same_warning_once_a_minute(tmp_path):
    limits = LineLimits(tmp_path / "counts")
    written = []
    for _ in range(4):
        child = os.fork()
        if not child:
            os._exit(sum(limits.filter(record()) for _ in range(50)))
        written.append(child)
    written = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in written]
    assert sum(written) == 1
    assert passes(LineLimits(tmp_path / "counts"), 61) == 199


def test_lines_of_a_second_are_limited_and_the_dropped_ones_counted(tmp_path):
    limits = [LineLimits(tmp_path / "counts", lines_per_second=20) for _ in range(2)]
    flood = [record(0, "Bad request %s", str(number)) for number in range(1_000)]
    assert sum(limits[number % 2].filter(one) for number, one in enumerate(flood)) == 15
    error, late = record(0.5, "Away", level=logging.ERROR), record(1, "Bad request %s", "again")
    assert limits[0].filter(error), "warnings leave room for errors"
    assert error.lines_dropped == 985
    assert limits[1].filter(late)
    assert not hasattr(late, "lines_dropped")


def test_no_limit_per_second_drops_nothing():
    limits = LineLimits(lines_per_second=0)
    assert all(limits.filter(record(0, "New %s", str(number))) for number in range(1_000))


def test_cost_and_memory_of_a_record_do_not_grow_with_distinct_messages(tmp_path):
    limits = LineLimits(tmp_path / "counts", lines_per_second=0)
    seconds = [seconds_of(limits, range(start, start + 1_000)) for start in range(0, 20_000, 1_000)]
    assert min(seconds[-5:]) < 3 * min(seconds[:5])
    assert (tmp_path / "counts").stat().st_size < 200_000


def seconds_of(limits, numbers):
    """The processor time of distinct records."""
    began = time.process_time()
    for number in numbers:
        limits.filter(record(0, "New %s", str(number)))
    return time.process_time() - began


@pytest.mark.parametrize("file", ["nowhere/counts", "."])
def test_limits_hold_in_a_process_whose_shared_file_cannot_be_used(tmp_path, file):
    limits = LineLimits(tmp_path / file)
    assert [passes(limits, at) for at in (0, 1, 61)] == [0, False, 1]


def test_file_that_got_the_number_of_the_closed_one_is_not_written(tmp_path):
    limits = LineLimits(tmp_path / "counts")
    limits.filter(record())
    number = next(
        int(each) for each in os.listdir("/proc/self/fd")
        if os.path.realpath(f"/proc/self/fd/{each}") == str(tmp_path / "counts")
    )  # fmt: skip
    with (tmp_path / "precious").open("w+b") as precious:
        os.dup2(precious.fileno(), number)
        assert passes(limits, 1) is False
        os.close(number)
    assert (tmp_path / "precious").read_bytes() == b""


def test_the_log_of_the_site_has_limits_for_all_processes():
    (handler,) = [one for one in logging.getLogger().handlers if one.get_name() == "stderr"]
    assert [type(one) for one in handler.filters] == [LineLimits]


def test_record_with_wrong_arguments_does_not_fail_its_caller():
    limits = LineLimits()
    assert [passes(limits, at, "%s of %s", "one") for at in (0, 1)] == [0, False]


def test_very_long_line_is_cut_off():
    assert len(line("x" * 10**6)) < 17_000


def test_an_event_is_one_line_with_its_values():
    text = line("Item given back", job="42", reason="it died", empty="")
    at, rest = text.split(" ", 1)
    assert at.endswith("Z")
    assert rest == 'WARNING jobs.test Item given back job=42 reason="it died" empty=""'


def test_line_breaks_of_others_stay_inside_quotes():
    text = line("two\nlines of %s", "a\x1b[31mfile", path="a\nb")
    assert "\n" not in text
    assert "\x1b" not in text
    assert '"two\\nlines of a\\u001b[31mfile"' in text
    assert 'path="a\\nb"' in text
    assert "\x9b" not in line("control \x9b31m")


def test_a_traceback_is_on_the_line_too():
    try:
        raise ValueError("no such thing")
    except ValueError:
        text = line("It failed", exc_info=sys.exc_info())
    assert "\n" not in text
    assert "ValueError: no such thing" in text
