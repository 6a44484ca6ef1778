r"""Text of files, programs and people, as it may be shown.

A control character can drive a terminal or break a line, and a bidirectional one can make
`gpj.exe` read as `exe.jpg`. Both are written as `\xHH` or `\uHHHH` wherever people read.
"""

import re

_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""Return the text with control and bidirectional characters and line breaks written out.

    `jobs.management.paths` understands a path that was written so.
    """

    return _HIDDEN.sub(lambda match: written(match[0]), text)


def written(character: str) -> str:
    r"""Return how a hidden character is written: `\x07`, `\u202e`."""
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
