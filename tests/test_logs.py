"""Log lines."""

import logging
import sys

from batchsite.logs import LineFormatter


def line(message, *args, exc_info=None, **extra):
    logger = logging.getLogger("jobs.test")
    record = logger.makeRecord(
        "jobs.test", logging.WARNING, __file__, 1, message, args, exc_info, extra=extra
    )
    return LineFormatter().format(record)


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
