"""Who did what in the admin: also for jobs that are deleted, whose events are gone with them."""

from typing import Any, NoReturn

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from jobs.admin.cells import NONE, moment
from jobs.admin.readonly import ReadOnlyAdmin


@admin.register(LogEntry)
class LogAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "action", "about", "message")
    list_display_links = None
    list_filter = ("action_flag", ("user", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "content_type")
    list_per_page = 100
    search_fields = ("object_repr", "object_id")
    search_help_text = "A part of a job's label or id."
    fields = ("at", "user", "action", "about", "message")
    readonly_fields = ("at", "action", "about", "message")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Of its own: entries tell of people's accounts, too.
        return request.user.has_perm("admin.view_logentry")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Asked when a person is deleted, whose entries go with them. Alone they stay.
        return request.user.has_perm("auth.delete_user")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> NoReturn:
        raise PermissionDenied

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = {"show_delete": False, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, shown)

    @admin.display(description="When")
    def at(self, entry: LogEntry) -> SafeString | str:
        return moment(entry.action_time)

    @admin.display(description="What")
    def action(self, entry: LogEntry) -> str:
        what = entry.content_type.name if entry.content_type else NONE
        return f"{entry.get_action_flag_display()}: {what}"

    @admin.display(description="Of what")
    def about(self, entry: LogEntry) -> str:
        return entry.object_repr

    @admin.display(description="More")
    def message(self, entry: LogEntry) -> str:
        return entry.get_change_message() or NONE
