"""What people and programs can do with jobs: start, cancel, pause, resume, retry, delete.

Page, API, admin and commands call these functions for every action, so all four behave
the same. Each does what it says or raises a `JobsError` with a sentence for people.
"""

from jobs.cluster.registry import live_clusters, progress_marker, record_cluster_replaced
from jobs.lifecycle.outputs import OutputSize
from jobs.lifecycle.outputs import measure as measure_outputs
from jobs.lifecycle.scheduling import any_job_needs_worker
from jobs.lifecycle.stops import one_wait
from jobs.services.access import (
    Actor,
    get_job,
    get_visible_job,
    may_delete,
    sees_all_jobs,
    sees_library_root,
    visible_job_ids,
    visible_jobs,
    without_library_root,
)
from jobs.services.control import cancel_all, cancel_job, pause_job
from jobs.services.deletion import delete_job, delete_old_jobs, measure_old_jobs, prune_jobs
from jobs.services.files import ListedFile, list_files
from jobs.services.plan import DryRun, dry_run_job
from jobs.services.requeue import resume_job, retry_job
from jobs.services.start import start_job
from jobs.services.tokens import create_token

__all__ = [
    "Actor", "DryRun", "ListedFile", "OutputSize", "any_job_needs_worker", "cancel_all",
    "cancel_job", "create_token", "delete_job", "delete_old_jobs", "dry_run_job", "get_job",
    "get_visible_job", "list_files", "live_clusters", "may_delete", "measure_old_jobs",
    "measure_outputs", "one_wait", "pause_job", "progress_marker", "prune_jobs",
    "record_cluster_replaced", "resume_job", "retry_job", "sees_all_jobs", "sees_library_root",
    "start_job", "visible_job_ids", "visible_jobs", "without_library_root",
]  # fmt: skip
