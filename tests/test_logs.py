"""Log lines."""

import logging
import sys

from batchsite.logs import LineFormatter, RepeatFilter


def line(message, *args, exc_info=None, **extra):
    logger = logging.getLogger("jobs.test")
    record = logger.makeRecord(
        "jobs.test", logging.WARNING, __file__, 1, message, args, exc_info, extra=extra
    )
    return LineFormatter().format(record)


def passes(repeats, at, message="Away: %s", *args, level=logging.WARNING, error=None, **extra):
    """Whether the filter lets this through, a number of seconds after the first; with how many."""
    exc_info = (type(error), error, None) if error else None
    record = logging.getLogger("jobs.test").makeRecord(
        "jobs.test", level, __file__, 1, message, args or ("db",), exc_info, extra=extra
    )
    record.created = 1_800_000_000 + at
    return repeats.filter(record) and getattr(record, "suppressed", 0)


def test_the_same_warning_passes_once_a_minute_with_the_number_suppressed():
    repeats = RepeatFilter()
    assert [passes(repeats, at) for at in (0, 1, 2, 59)] == [0, False, False, False]
    assert passes(repeats, 61) == 3
    assert passes(repeats, 62) is False
    assert passes(repeats, 400) == 1
    assert passes(repeats, 500) == 0


def test_only_records_equal_in_every_part_are_suppressed():
    repeats = RepeatFilter()
    for one in (
        {}, {"job": 1}, {"job": 2}, {"level": logging.ERROR},
        {"error": ValueError("a")}, {"error": ValueError("b")},
    ):  # fmt: skip
        assert passes(repeats, 0, **one) == 0
        assert passes(repeats, 1, **one) is False
    assert passes(repeats, 1, "Away: %s", "broker") == 0


def test_records_below_warning_always_pass():
    repeats = RepeatFilter()
    assert [passes(repeats, 0, level=logging.INFO) for _ in range(3)] == [0, 0, 0]


def test_the_filter_forgets_old_records():
    repeats = RepeatFilter()
    for at in range(0, 1_000, 10):
        passes(repeats, at, "Away: %s", str(at))
    assert len(repeats._passed) <= 7


def test_the_log_of_the_site_suppresses_repetitions():
    (handler,) = [one for one in logging.getLogger().handlers if one.get_name() == "stderr"]
    assert [type(one) for one in handler.filters] == [RepeatFilter]


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
