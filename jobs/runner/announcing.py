"""Tells other code of items that have failed."""

import logging

from jobs.ledger import Ended
from jobs.models import Job
from jobs.signals import item_failed, send_on_commit
from jobs.states import ItemStatus

logger = logging.getLogger(__name__)


def announce_failures(job: Job, ended: list[Ended]) -> None:
    """Send the signal of each item that has failed, and log it; after the commit."""
    for one in ended:
        if one.status is ItemStatus.FAILED:
            told = {"job": job, "path": one.item.key, "message": one.message}
            send_on_commit(item_failed, Job, told.copy)
            logged = {"job": job.pk, "item": one.item.id}
            logger.debug("item failed: %s", one.message, extra=logged)
