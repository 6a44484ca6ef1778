"""Takes the screenshots in docs/img, from a real site with a generated library.

    python -m tests.browser.screenshots [FOLDER]

A tour is a generator that brings pages from state to state and yields each as `(page, name)`.
The camera takes the state in every look. To add a state: name it here, reach it in a tour, and
show it in docs/reference/states.md.
"""

from collections.abc import Iterator
from typing import Any

LOOKS = ("light", "dark", "narrow")

_NAMES = """
    empty files chosen nothing-found names refused large-files sign-in
    progress large-progress minimised several names-progress
    no-worker waiting stopped offline signed-out lost
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
"""The element to scroll to in a narrow window, for states that would not show it."""

Tour = Iterator[tuple[Any, str]]
