"""The Django admin: staff see all jobs and cancel, pause, resume, retry and delete them.

Nothing can be edited by hand; each change is a call of a service, as from the page.
"""

from django.contrib import admin

from jobs.admin.files import LibraryFileAdmin
from jobs.admin.items import JobItemAdmin
from jobs.admin.jobs import JobAdmin
from jobs.admin.log_entries import LogEntryAdmin
from jobs.admin.tokens import ApiTokenAdmin
from jobs.admin.workers import WorkersAdmin

admin.site.site_header = "batchsite"
admin.site.site_title = "batchsite"

__all__ = [
    "ApiTokenAdmin", "JobAdmin", "JobItemAdmin", "LibraryFileAdmin", "LogEntryAdmin",
    "WorkersAdmin",
]  # fmt: skip
