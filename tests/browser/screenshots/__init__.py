"""Makes the pictures of the page in docs/img, from a real site with a made-up library.

    python -m tests.browser.screenshots [FOLDER]

A tour is a generator that brings pages into one state after the other and yields each as
`(page, name)`; the camera then takes it in all looks. To add a state: name it here, reach it
in a tour, and show it in docs/reference/states.md.
"""

from collections.abc import Iterator
from typing import Any

LOOKS = ("light", "dark", "narrow")

_NAMES = """
    empty files chosen nothing-found names refused large-files sign-in
    progress large-progress minimised several names-progress
    no-worker waiting stopped offline lost
    asking cancelling cancelled cancel-failed cancel-too-late asking-all
    paused resuming resuming-changed
    finished failed told
    job job-cancelled job-failed job-running job-cancelling job-offline asking-delete job-missing
"""
STATES = tuple(_NAMES.split())

FOCUS = {
    "empty": "#fileList tr",
    "chosen": "#fileList tr:nth-child(4)",
    "nothing-found": "#fileList tr",
    "names": "#fileList tr:last-child",
    "job-cancelled": "#itemList tr:nth-child(3)",
}
"""What a state is about, where a narrow window does not show it by itself."""

Tour = Iterator[tuple[Any, str]]
