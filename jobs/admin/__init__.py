"""The Django admin: staff see all jobs, cancel, pause, resume, retry and delete them.

Nothing is editable by hand; every change is a call of a service, as from the page.
"""

from django.contrib import admin

from jobs.admin.files import LibraryFileAdmin
from jobs.admin.items import JobItemAdmin
from jobs.admin.jobs import JobAdmin
from jobs.admin.log import LogAdmin
from jobs.admin.workers import WorkersAdmin

admin.site.site_header = "batchsite"
admin.site.site_title = "batchsite"

__all__ = ["JobAdmin", "JobItemAdmin", "LibraryFileAdmin", "LogAdmin", "WorkersAdmin"]
