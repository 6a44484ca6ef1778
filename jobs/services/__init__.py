"""What people and programs can do with jobs: start, cancel, pause, resume, retry, delete.

Page, API, admin and commands call these functions and nothing below them, so all four
behave the same. Each either does what it says or raises a `JobsError` with a sentence.
"""

from jobs.clusters import (
    claims_made,
    live_clusters,
    record_cluster_replaced,
    waiting_work,
)
from jobs.services.access import Actor, get_job, get_visible_job, may_delete, visible_jobs
from jobs.services.control import cancel_all, cancel_job, pause_job, resume_job, retry_job
from jobs.services.plan import Selection
from jobs.services.preview import Preview, preview_job
from jobs.services.removal import delete_job, delete_old_jobs, prune_jobs
from jobs.services.start import start_job

__all__ = [
    "Actor",
    "Preview",
    "Selection",
    "cancel_all",
    "cancel_job",
    "claims_made",
    "delete_job",
    "delete_old_jobs",
    "get_job",
    "get_visible_job",
    "live_clusters",
    "may_delete",
    "pause_job",
    "preview_job",
    "prune_jobs",
    "record_cluster_replaced",
    "resume_job",
    "retry_job",
    "start_job",
    "visible_jobs",
    "waiting_work",
]
