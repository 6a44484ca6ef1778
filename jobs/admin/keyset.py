"""A change list that pages by key: no COUNT, and the same cost on every page.

A search that finds little would go through all rows for one page. It goes through them piece
by piece instead, for half a second, and the link of the page leads on from there.
"""

from collections.abc import Iterable
from time import monotonic
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from jobs.admin.readonly import ReadOnlyAdmin

AFTER_VAR = "after"
PIECE = 50_000
"""Rows that are looked through at once: some tens of milliseconds."""
SECONDS = 0.5
"""A page is looked for so long."""


class UncountedPaginator(Paginator):
    """The rows are at hand already: there is one page, and nothing to count."""

    count = 0  # a cached property of the base class


class KeysetAdmin(ReadOnlyAdmin):
    """A model admin whose list is paged by key."""

    def keyset(self, request: HttpRequest) -> str:
        """The key: a field that is unique in this list, as "position"; "-id" for downward."""
        raise NotImplementedError

    def looked_through(
        self, request: HttpRequest, changelist: "KeysetChangeList"
    ) -> QuerySet | None:
        """All rows of which the list may have to look at many for one of its own; None if it
        has an index that tells its own in order."""
        return self.model._default_manager.all() if changelist.query else None

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
        self.key = self.model_admin.keyset(request)
        found, reached = self._find(request)
        self.result_list = found[: self.list_per_page]
        self.reached = reached is not None
        if len(found) > self.list_per_page:
            reached = getattr(self.result_list[-1], self.key.lstrip("-"))
        if reached is not None:
            self.next_url = self.get_query_string({AFTER_VAR: str(reached)})
        if self.after is not None:
            self.first_url = self.get_query_string()
        # Equal numbers: so the search form does not take the rows of a page for all results.
        self.result_count = self.full_result_count = len(self.result_list)
        self.show_full_result_count = False
        self.show_admin_actions = False
        self.can_show_all = False
        self.multi_page = False
        self.paginator = UncountedPaginator(self.result_list, self.list_per_page)

    def _find(self, request: HttpRequest) -> tuple[list[Any], Any]:
        """The rows of this page and one more if there is; and the key up to which was looked
        for them, if there was no time to look at all."""
        if self.after is not None and "\0" in self.after:
            raise IncorrectLookupParameters
        everything = self.model_admin.looked_through(request, self)
        try:
            if everything is None:
                return list(self._behind(self.queryset, self.after)[: self.list_per_page + 1]), None
            return self._look_through(everything.order_by(self.key))
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error

    def _look_through(self, everything: QuerySet) -> tuple[list[Any], Any]:
        field, upto = self.key.lstrip("-"), "gte" if self.key.startswith("-") else "lte"
        keys = everything.values_list(field, flat=True)
        deadline = monotonic() + SECONDS
        found: list[Any] = []
        border = self.after
        while True:
            wanted = self._behind(self.queryset, border)
            border = next(iter(self._behind(keys, border)[PIECE - 1 : PIECE]), None)
            if border is not None:
                wanted = wanted.filter(**{f"{field}__{upto}": border})
            found += wanted[: self.list_per_page + 1 - len(found)]
            if border is None or len(found) > self.list_per_page:
                return found, None
            if monotonic() > deadline:
                return found, border

    def _behind(self, rows: QuerySet, key: Any) -> QuerySet:
        """Those behind this key, in the order of the list; None is before the first."""
        if key is None:
            return rows
        direction = "lt" if self.key.startswith("-") else "gt"
        return rows.filter(**{f"{self.key.lstrip('-')}__{direction}": key})
