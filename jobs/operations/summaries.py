"""An operation's own sentence about a job: what its numbers mean."""

import logging

from jobs.exceptions import UnknownOperation
from jobs.operations.counts import Counts
from jobs.operations.registry import get
from jobs.operations.results import clean_text
from jobs.operations.totals import Totals

SUMMARY_LIMIT = 300
"""Longest summary in characters. Longer ones are cut."""

logger = logging.getLogger(__name__)

_reported: set[str] = set()
"""Operations whose failure is in the log."""


def summarize(operation: str, progress: Counts, totals: Totals) -> str | None:
    """Return what the operation of this name says about a job in one line; None for nothing.

    Never raises: an operation may be unknown here, and may fail, which is logged once.
    """
    try:
        said = get(operation).summary(progress, dict(totals))
        text = " ".join(str(said or "").split())
    except UnknownOperation:
        return None
    except Exception as error:
        if operation not in _reported:
            _reported.add(operation)
            logger.warning("“%s” cannot sum up its jobs", operation, exc_info=error)
        return None
    return clean_text(text, SUMMARY_LIMIT) or None
