"""The index of the library, by path."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from jobs.admin.display import (
    EMPTY,
    badge,
    job_link,
    json_column,
    operation_label,
    text_column,
    time_column,
)
from jobs.admin.keyset import AFTER_VAR, KeysetAdmin
from jobs.library.queries import STATUSES, select_files
from jobs.library.writer import is_storable
from jobs.models import LibraryFile, Outcome, UsedOperation
from jobs.states import shown_status
from jobs.text import visible


class OutcomeFilter(admin.SimpleListFilter):
    """Chooses files by how the last item of an operation ended; `get_search_results` selects."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = UsedOperation.objects.order_by("name").values_list("name", flat=True)
        return [
            (f"{status}.{name}", f"{operation_label(name)}: {status}")
            for name in names
            for status in STATUSES
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset


class OutcomeInline(admin.TabularInline):
    model = Outcome
    fields = readonly_fields = (
        "operation_column", "status_column", "shown_message", "ended", "last_job", "shown_memory",
    )  # fmt: skip
    extra = max_num = 0
    can_delete = False
    verbose_name_plural = "Outcomes"
    shown_message = text_column("message", "Message")
    shown_memory = json_column("memory", "Memory")
    ended = time_column("finished_at", "Ended")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("jobs.view_job") or super().has_view_permission(request, obj)

    @admin.display(description="Operation")
    def operation_column(self, outcome: Outcome) -> str:
        return operation_label(outcome.operation)

    @admin.display(description="Status")
    def status_column(self, outcome: Outcome) -> SafeString:
        return badge(shown_status(outcome.status, outcome.message))

    @admin.display(description="Last job")
    def last_job(self, outcome: Outcome) -> SafeString | str:
        return job_link(outcome.job_id, outcome.job_id)


@admin.register(LibraryFile)
class LibraryFileAdmin(KeysetAdmin):
    shown_path = text_column("path", "Path")
    changed = time_column("modified", "Modified")
    list_display = ("shown_path", "readable_size", "kind", "changed", "shown_outcomes")
    list_filter = (OutcomeFilter,)
    search_fields = ("path",)
    search_help_text = "A part of the path."
    fields = readonly_fields = ("shown_path", "readable_size", "kind", "changed")
    inlines = (OutcomeInline,)

    def keyset(self, request: HttpRequest) -> str:
        return "path"

    def get_queryset(self, request: HttpRequest) -> QuerySet[LibraryFile]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("outcomes", Outcome.objects.defer("memory")))
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LibraryFile], search_term: str
    ) -> tuple[QuerySet[LibraryFile], bool]:
        """The rows of this page, as the library's own indexes find them."""
        status, _, operation = request.GET.get(OutcomeFilter.parameter_name, "").partition(".")
        if not search_term and not status:
            return queryset, False
        after = request.GET.get(AFTER_VAR, "")
        if not (is_storable(operation) and is_storable(after)):
            return queryset.none(), False
        found = select_files(search=search_term, status=status, operation=operation, after=after)
        paths = found.values_list("path", flat=True)[: self.list_per_page + 1]
        return queryset.filter(path__in=list(paths)), False

    @admin.display(description="Size")
    def readable_size(self, file: LibraryFile) -> str:
        return filesizeformat(file.size)

    @admin.display(description="Outcomes")
    def shown_outcomes(self, file: LibraryFile) -> SafeString | str:
        found = [
            (
                badge(shown_status(one.status, one.message), operation_label(one.operation)),
                visible(one.message),
            )
            for one in file.outcomes.all()
            if one.status != Outcome.Status.UNPROCESSED
        ]
        return format_html_join("", "<div>{} {}</div>", found) or EMPTY
