"""Text of files as it may be shown to people."""

import pytest

from jobs.text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("a\x1b[31mb\x9b0m\x7f", r"a\x1b[31mb\x9b0m\x7f"),
        ("line\nbreaks\r\u2028\u2029", r"line\x0abreaks\x0d\u2028\u2029"),
        ("\u200e\u200f\u061c\u2066\u2069", r"\u200e\u200f\u061c\u2066\u2069"),
        ("größe שלום 🎉 a\u200db\u00a0c", "größe שלום 🎉 a\u200db\u00a0c"),
    ],
)
def test_control_and_bidirectional_characters_are_written_out_and_no_others(text, shown):
    assert visible(text) == shown
