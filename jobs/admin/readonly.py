"""The base of our admin pages: for looking, not for editing."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from jobs.admin.cells import NONE


class ReadOnlyAdmin(admin.ModelAdmin):
    """Lists and shows rows. Whoever may see jobs may see what belongs to them too."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count, and a million items are slow to count
    sortable_by = ()
    actions = None
    empty_value_display = NONE

    class Media:
        css = {"all": ["admin-jobs.css"]}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.has_perm("jobs.view_job")
