"""What all pages of the admin share: rows that nobody can edit, and how they look."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from jobs import operations
from jobs.exceptions import UnknownOperation
from jobs.models import Job
from jobs.text import visible

EMPTY = "–"


class ReadOnlyAdmin(admin.ModelAdmin):
    """Lists and shows rows to everyone who may view jobs."""

    actions = None
    empty_value_display = EMPTY

    class Media:
        css = {"all": ["admin-jobs.css"]}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fields that say something of this row: an empty one takes a line and says nothing."""
        fields = super().get_fields(request, obj)
        return fields if obj is None else [name for name in fields if self._shown(str(name), obj)]

    def _shown(self, field: str, row: Any) -> bool:
        column = getattr(self, field, None)
        value = getattr(row, field) if column is None else column(row)
        return value not in (None, "", EMPTY, "{}", "null")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.has_perm("jobs.view_job")


class OperationFilter(admin.SimpleListFilter):
    """By the operations that jobs have, with the labels that people know."""

    title = "operation"
    parameter_name = "operation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = Job.objects.order_by("operation").values_list("operation", flat=True).distinct()
        return sorted(((name, operation_label(name)) for name in names), key=lambda each: each[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(operation=self.value()) if self.value() else queryset


def operation_label(name: str) -> str:
    """The label of an operation; its name if this site does not know it, or has no label for it."""
    try:
        return visible(operations.get(name).label or name)
    except UnknownOperation:
        return visible(name)


def time_column(field: str, label: str) -> Callable[[Any, Any], str]:
    """A column method for a model admin: the time in this field, with its seconds."""

    @admin.display(description=label)
    def column(self: Any, row: Any) -> str:
        at: datetime | None = getattr(row, field)
        return f"{localtime(at):%Y-%m-%d %H:%M:%S}" if at else EMPTY

    return column


def text_column(field: str, label: str) -> Callable[[Any, Any], str]:
    """A column method for a model admin: the text of a file or program in this field."""

    @admin.display(description=label)
    def column(self: Any, row: Any) -> str:
        return visible(getattr(row, field)) or EMPTY

    return column


def json_column(field: str, label: str) -> Callable[[Any, Any], str]:
    """The same for a field with JSON."""

    @admin.display(description=label)
    def column(self: Any, row: Any) -> str:
        value = getattr(row, field)
        return EMPTY if value is None else visible(json.dumps(value, ensure_ascii=False))

    return column


def badge(status: str, label: str = "") -> SafeString:
    return format_html(
        '<span class="job-badge" data-state="{}">{}</span>', status, label or status.capitalize()
    )


def job_name(job: Job) -> SafeString:
    """The job's label and the beginning of its id."""
    label = visible(job.label)
    return format_html('{} <code title="{}">{}</code>', label, job.pk, str(job.pk)[:8])


def page_link(job_id: UUID | None) -> SafeString | str:
    """A link to the site's own page of the job, with its live numbers."""
    if job_id is None:
        return EMPTY
    return format_html(
        '<a href="{}" aria-label="Live page of job {}">Page</a>',
        reverse("job", args=[job_id]),
        str(job_id)[:8],
    )


def job_link(job_id: UUID | None, text: object) -> SafeString | str:
    """A link to the job's page in the admin."""
    if job_id is None:
        return EMPTY
    return format_html('<a href="{}">{}</a>', reverse("admin:jobs_job_change", args=[job_id]), text)
