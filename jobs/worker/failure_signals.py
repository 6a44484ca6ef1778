"""Sends the signal `item_failed`."""

import logging

from jobs.backends import FinishedItem
from jobs.models import Job
from jobs.signals import item_failed, send_on_commit
from jobs.states import ItemStatus

logger = logging.getLogger(__name__)


def send_failure_signals(job: Job, finished: list[FinishedItem]) -> None:
    """Send the signal of each item that has failed, and log it; after the commit."""
    for one in finished:
        if one.status is ItemStatus.FAILED:
            payload = {"job": job, "path": one.item.key, "message": one.message}
            send_on_commit(item_failed, Job, payload.copy)
            extra = {"job": job.pk, "item": one.item.id}
            logger.debug("item failed: %s", one.message, extra=extra)
