"""What the admin tells of a job: the columns of the list, the fields of its page."""

import json
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs.admin import cells
from jobs.models import Job
from jobs.words import several


class JobColumns:
    """For a model admin whose jobs have their status object as `shown`."""

    @admin.display(description="Job")
    def name(self, job: Job) -> SafeString:
        return cells.job_name(job)

    @admin.display(description="Id")
    def job_id(self, job: Job) -> SafeString:
        return format_html("<code>{}</code>", job.pk)

    @admin.display(description="Owner")
    def owner(self, job: Job) -> str:
        return job.created_by.get_username() if job.created_by else cells.NONE

    @admin.display(description="Status")
    def state(self, job: Any) -> SafeString:
        return cells.badge(job.shown)

    @admin.display(description="Progress")
    def progress(self, job: Any) -> SafeString:
        return cells.bar(job.shown)

    @admin.display(description="Started")
    def started(self, job: Any) -> SafeString:
        return cells.kept(job.shown, "started", cells.moment(job.started_at, cells.SHORT))

    @admin.display(description="Created at")
    def created(self, job: Job) -> SafeString | str:
        return cells.moment(job.created_at)

    @admin.display(description="Started at")
    def started_in_full(self, job: Any) -> SafeString:
        return cells.kept(job.shown, "started_in_full", cells.moment(job.started_at))

    @admin.display(description="Finished at")
    def finished(self, job: Any) -> SafeString:
        return cells.kept(job.shown, "finished", cells.moment(job.finished_at))

    @admin.display(description="Failed")
    def failed(self, job: Any) -> SafeString:
        return cells.text(job.shown, "failed")

    @admin.display(description="Items")
    def counts(self, job: Any) -> SafeString:
        return cells.text(job.shown, "counts")

    @admin.display(description="Running now")
    def current(self, job: Any) -> SafeString:
        return cells.text(job.shown, "current")

    @admin.display(description="Notice")
    def notice_text(self, job: Any) -> SafeString:
        return cells.text(job.shown, "notice")

    @admin.display(description="Duration")
    def duration(self, job: Any) -> SafeString:
        return cells.text(job.shown, "duration")

    @admin.display(description="Speed")
    def speed(self, job: Any) -> SafeString:
        return cells.text(job.shown, "speed")

    @admin.display(description="Time left")
    def left(self, job: Any) -> SafeString:
        return cells.text(job.shown, "left")

    @admin.display(description="Parameters")
    def parameters_text(self, job: Job) -> str:
        return json.dumps(job.parameters, ensure_ascii=False) if job.parameters else cells.NONE

    @admin.display(description="Files")
    def selection_text(self, job: Job) -> str:
        return selected(job.selection)


def selected(selection: dict[str, Any]) -> str:
    """Which files a job was started with, in words."""
    if "search" in selection:
        return f"Those whose path contains “{selection['search']}”"
    if "files" in selection:
        return several(selection["files"], "chosen file")
    words = {
        "all": "All files of the library",
        "unprocessed": "Those that were not processed yet",
        "own": "None: the operation brings its own items",
    }
    return next((told for name, told in words.items() if name in selection), cells.NONE)
