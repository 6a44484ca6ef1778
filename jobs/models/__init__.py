"""The tables. Querysets here filter rows of their own table; nothing here changes a status.

`jobs.lifecycle` changes the status of a job, `jobs.backends` claims, starts and finishes
items, `jobs.library` keeps LibraryFile up to date.
"""

from jobs.models.cluster import Cluster
from jobs.models.event import EventEntry, JobEvent, OperationTotal
from jobs.models.item import ItemQuerySet, JobItem
from jobs.models.job import Job
from jobs.models.lease import Lease, LeaseQuerySet
from jobs.models.library import LibraryFile, LibraryScan, Outcome, RemovedFile, UsedOperation
from jobs.models.settlement import Settlement
from jobs.models.token import ApiToken
from jobs.models.turn import Turn

__all__ = [
    "ApiToken",
    "Cluster",
    "EventEntry",
    "ItemQuerySet",
    "Job",
    "JobEvent",
    "JobItem",
    "Lease",
    "LeaseQuerySet",
    "LibraryFile",
    "LibraryScan",
    "OperationTotal",
    "Outcome",
    "RemovedFile",
    "Settlement",
    "Turn",
    "UsedOperation",
]
