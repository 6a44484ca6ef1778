"""The log of the admin. It also has the actions on deleted jobs, whose events are deleted."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from django.urls import reverse

from jobs.admin.display import ReadOnlyAdmin, time_column


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    at = time_column("action_time", "Time")
    list_display = ("at", "user", "action_flag", "content_type", "object_repr", "details")
    list_display_links = None
    list_filter = ("action_flag", ("user", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "object_id")
    search_help_text = "A part of a job's label or id."

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Not for everyone who may view jobs: entries are about people's accounts, too.
        return request.user.has_perm("admin.view_logentry")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The page that deletes a person asks, because their entries go with them.
        own_pages = reverse("admin:admin_logentry_changelist")
        return request.user.has_perm("auth.delete_user") and not request.path.startswith(own_pages)

    @admin.display(description="Details")
    def details(self, entry: LogEntry) -> str:
        return entry.get_change_message()
