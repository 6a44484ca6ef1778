"""The index of the library, by path."""

from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs.admin.cells import NONE, moment
from jobs.admin.keyset import KeysetAdmin
from jobs.models import LibraryFile


@admin.register(LibraryFile)
class LibraryFileAdmin(KeysetAdmin):
    list_display = ("path", "readable_size", "kind", "changed", "state", "message")
    list_display_links = ("path",)
    list_filter = ("status",)
    list_per_page = 100
    search_fields = ("path",)
    search_help_text = "A part of the path."
    fields = ("path", "readable_size", "kind", "changed", "state", "message", "job_link", "memory")
    readonly_fields = ("readable_size", "changed", "state", "job_link")

    def keyset(self, request: HttpRequest) -> str:
        return "path"

    @admin.display(description="Size")
    def readable_size(self, file: LibraryFile) -> str:
        return filesizeformat(file.size)

    @admin.display(description="Modified")
    def changed(self, file: LibraryFile) -> SafeString | str:
        return moment(file.modified, "%Y-%m-%d %H:%M")

    @admin.display(description="Status")
    def state(self, file: LibraryFile) -> SafeString:
        return format_html(
            '<span class="job-badge" data-state="{}">{}</span>',
            file.status,
            file.get_status_display(),
        )

    @admin.display(description="Last job")
    def job_link(self, file: LibraryFile) -> SafeString | str:
        job_id: UUID | None = file.last_job_id
        if job_id is None:
            return NONE
        url = reverse("admin:jobs_job_change", args=[job_id])
        return format_html('<a href="{}">{}</a>', url, job_id)
