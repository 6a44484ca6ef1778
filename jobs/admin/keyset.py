"""A change list that pages by key: no COUNT, no OFFSET, the same cost on every page."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from jobs.admin.readonly import ReadOnlyAdmin

AFTER_VAR = "after"


class UncountedPaginator(Paginator):
    """The rows are at hand already: there is one page, and nothing to count."""

    count = 0  # a cached property of the base class


class KeysetAdmin(ReadOnlyAdmin):
    """A model admin whose list is paged by key."""

    def keyset(self, request: HttpRequest) -> str:
        """The key: a field that is unique in this list, as "position"; "-id" for downward."""
        raise NotImplementedError

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList


class KeysetChangeList(ChangeList):
    """Shows the rows behind `?after=<key>`."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.after = request.GET.get(AFTER_VAR)
        self.next_url: str | None = None
        self.first_url: str | None = None
        super().__init__(request, *args, **kwargs)

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        found = super().get_filters_params(params)
        found.pop(AFTER_VAR, None)
        return found

    model_admin: KeysetAdmin

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
        if self.after is not None:
            if "\0" in self.after:
                raise IncorrectLookupParameters
            try:
                rows = rows.filter(**{f"{field}__{direction}": self.after})
            except (ValueError, OverflowError) as error:
                raise IncorrectLookupParameters(error) from error
            self.first_url = self.get_query_string()
        found = list(rows[: self.list_per_page + 1])
        self.result_list = found[: self.list_per_page]
        if len(found) > self.list_per_page:
            last = getattr(self.result_list[-1], field)
            self.next_url = self.get_query_string({AFTER_VAR: str(last)})
        # Equal numbers: so the search form does not take the rows of a page for all results.
        self.result_count = self.full_result_count = len(self.result_list)
        self.show_full_result_count = False
        self.show_admin_actions = False
        self.can_show_all = False
        self.multi_page = False
        self.paginator = UncountedPaginator(self.result_list, self.list_per_page)
