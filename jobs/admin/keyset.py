"""A change list that is paged by key: no COUNT, and each page costs the same."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from jobs.admin.display import ReadOnlyAdmin

AFTER_VAR = "after"


class KeysetAdmin(ReadOnlyAdmin):
    """A model admin whose list is paged by key."""

    list_per_page = 100
    show_facets = admin.ShowFacets.NEVER  # they count all rows
    sortable_by = ()

    def keyset(self, request: HttpRequest) -> str:
        """The ordering: a field that is unique in this list, such as "position" or "-id"."""
        raise NotImplementedError

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList


class KeysetChangeList(ChangeList):
    """Shows the rows after `?after=<key>`."""

    model_admin: KeysetAdmin

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.after = request.GET.get(AFTER_VAR)
        super().__init__(request, *args, **kwargs)

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        found = super().get_filters_params(params)
        found.pop(AFTER_VAR, None)
        return found

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str | Combinable]:
        return [self.model_admin.keyset(request)]

    def get_query_string(
        self, new_params: dict[str, Any] | None = None, remove: Iterable[str] | None = None
    ) -> str:
        # Another filter or search begins at its first page.
        return super().get_query_string(new_params, [*(remove or []), AFTER_VAR])

    def get_results(self, request: HttpRequest) -> None:
        self.params.pop(AFTER_VAR, None)
        key = self.model_admin.keyset(request)
        field, direction = key.lstrip("-"), "lt" if key.startswith("-") else "gt"
        rows = self.queryset
        try:
            if self.after is not None:
                if "\0" in self.after:
                    raise ValueError
                rows = rows.filter(**{f"{field}__{direction}": self.after})
            found = list(rows[: self.list_per_page + 1])
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error
        self.result_list = found[: self.list_per_page]
        self.next_url = self.first_url = ""
        if len(found) > self.list_per_page:
            last = getattr(self.result_list[-1], field)
            self.next_url = self.get_query_string({AFTER_VAR: str(last)})
        if self.after is not None:
            self.first_url = self.get_query_string()
        # With equal numbers the search form does not present this page as all results.
        self.result_count = self.full_result_count = len(self.result_list)
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False
        self.paginator = Paginator(self.result_list, self.list_per_page)
