"""What goes to a terminal, and what to a pipe."""

import os
import re
from typing import IO, Any, cast

from django.core.management.base import OutputWrapper
from rich.console import Console

STYLES = {
    "queued": "cyan",
    "processing": "blue",
    "paused": "yellow",
    "completed": "green",
    "cancelled": "magenta",
    "failed": "red",
    "succeeded": "green",
    "pending": "",
    "skipped": "yellow",
}
"""The colour of each status of a job or an item."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def one_line(text: str) -> str:
    r"""The text with `\xHH` for line breaks and whatever else a terminal takes for a command.

    A file name may hold any of them, and must neither break a line nor rule a terminal.
    """
    return _CONTROL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def console(stream: OutputWrapper, **options: Any) -> Console | None:
    """A rich console on this stream if it is a terminal, else None.

    The environment cannot make a terminal of a pipe here: scripts read plain lines whatever
    FORCE_COLOR says. NO_COLOR and --no-color leave out all styles.
    """
    if not stream.isatty() or os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        return None
    plain = bool(options.get("no_color") or os.environ.get("NO_COLOR"))
    return Console(
        file=cast("IO[str]", stream._out),
        force_terminal=True,
        color_system=None if plain else "auto",
        markup=False,
        emoji=False,
        highlight=False,
    )
