"""Rich consoles for terminals. Servers, which never draw, need not load rich."""

import os
from typing import IO, Any, cast

from django.core.management.base import OutputWrapper
from rich.console import Console


def console(stream: OutputWrapper, *, no_color: bool = False, **_: Any) -> Console | None:
    """Return a rich console for this stream if it is a terminal, else None.

    The keyword arguments are the options of the command. FORCE_COLOR and similar variables
    are ignored: scripts get plain lines from a pipe.
    """
    if not stream.isatty() or os.environ.get("TERM", "").lower() in ("dumb", "unknown"):
        return None
    return Console(
        file=cast("IO[str]", stream._out),
        force_terminal=True,
        color_system=None if no_color else "auto",
        markup=False,
        emoji=False,
        highlight=False,
    )
