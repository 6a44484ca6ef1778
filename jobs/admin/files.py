"""The index of the library, by path."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString

from jobs.admin.display import badge, job_link, json_column, text_column, time_column
from jobs.admin.keyset import KeysetAdmin
from jobs.library.queries import select_files
from jobs.models import LibraryFile


@admin.register(LibraryFile)
class LibraryFileAdmin(KeysetAdmin):
    shown_path = text_column("path", "Path")
    shown_message = text_column("message", "Message")
    shown_memory = json_column("memory", "Memory")
    changed = time_column("modified", "Modified")
    list_display = (
        "shown_path", "readable_size", "kind", "changed", "status_column", "shown_message",
    )  # fmt: skip
    list_filter = ("status",)
    search_fields = ("path",)
    search_help_text = "A part of the path."
    fields = readonly_fields = (*list_display, "last_job", "shown_memory")

    def keyset(self, request: HttpRequest) -> str:
        return "path"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LibraryFile], search_term: str
    ) -> tuple[QuerySet[LibraryFile], bool]:
        """Search with the library's own index."""
        found = queryset & select_files(search=search_term) if search_term else queryset
        return found, False

    @admin.display(description="Size")
    def readable_size(self, file: LibraryFile) -> str:
        return filesizeformat(file.size)

    @admin.display(description="Status")
    def status_column(self, file: LibraryFile) -> SafeString:
        warned = file.status == LibraryFile.Status.SUCCEEDED and file.message
        return badge("warning" if warned else file.status)

    @admin.display(description="Last job")
    def last_job(self, file: LibraryFile) -> SafeString | str:
        return job_link(file.last_job_id, file.last_job_id)
