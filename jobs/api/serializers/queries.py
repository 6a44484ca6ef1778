"""Query parameters. An empty value is the same as none."""

from typing import Any

from rest_framework import serializers

from jobs.api.serializers.requests import SearchText
from jobs.library.queries import DEFAULT_OPERATION, SORTS
from jobs.library.queries import STATUSES as FILE_STATUSES
from jobs.operations.file_kinds import KINDS
from jobs.progress.finished_items import CURSOR_LENGTH
from jobs.progress.items import STATUSES
from jobs.states import JobStatus

UNFINISHED = "active"
PAGE_SIZE = 20
FILES_PAGE_SIZE = 50
ITEMS_PAGE_SIZE = 100
PAGE_LIMIT = 1_000
EVENTS_PAGE_SIZE = 500
COLUMNS_LIMIT = 20
_MAX = 2_147_483_647


class Choice(serializers.ChoiceField):
    """One of some words; the error for any other lists them."""

    def __init__(self, choices: Any, **options: Any) -> None:
        if not options.get("required"):
            options = {"required": False, "default": "", **options}
        super().__init__(choices, **options)
        self.error_messages["invalid_choice"] = f"Choose one of: {', '.join(self.choices)}."


class PageSize(serializers.IntegerField):
    """Rows of a page; a larger number counts as PAGE_LIMIT."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, help_text=f"At most {PAGE_LIMIT}.", **options)

    def to_internal_value(self, data: Any) -> int:
        return min(super().to_internal_value(data), PAGE_LIMIT)


class JobsQuery(serializers.Serializer):
    status = Choice([*JobStatus.values, UNFINISHED], help_text="`active`: all unfinished ones.")
    page = serializers.IntegerField(default=1, min_value=1, max_value=_MAX)


class FilesQuery(serializers.Serializer):
    search = SearchText(default="", help_text="Part of the path, in any case.")
    status = Choice(
        FILE_STATUSES,
        help_text="How the last item of `operation` ended for the file; `warning` is succeeded "
        "with a message.",
    )
    operation = SearchText(
        default=DEFAULT_OPERATION,
        help_text="Whose outcomes are meant. Of an unknown one there are none.",
    )
    kind = Choice(KINDS, help_text="The kind of the file, by its name.")
    sort = Choice(SORTS, default="path", help_text="“-” turns the order round.")
    page = serializers.IntegerField(default=1, min_value=1, max_value=_MAX)
    page_size = PageSize(default=FILES_PAGE_SIZE)


class RowsQuery(serializers.Serializer):
    """Which items of a job."""

    status = Choice(
        STATUSES,
        help_text="`processed` is succeeded or failed, `warning` succeeded with a message.",
    )
    search = SearchText(default="", help_text="Part of the path, in any case.")


class CsvQuery(RowsQuery):
    columns = serializers.CharField(
        default="",
        allow_blank=True,
        help_text="Keys of results that get a column of their own, such as `kind,checked`.",
    )
    bom = serializers.BooleanField(
        default=False, help_text="Begin with a byte order mark, as spreadsheets need for UTF-8."
    )

    def validate_columns(self, text: str) -> list[str]:
        names = list(dict.fromkeys(filter(None, (name.strip() for name in text.split(",")))))
        if len(names) > COLUMNS_LIMIT:
            raise serializers.ValidationError(f"Give at most {COLUMNS_LIMIT} names.")
        return names


class ItemsQuery(RowsQuery):
    limit = PageSize(default=ITEMS_PAGE_SIZE)
    after = serializers.IntegerField(
        default=-1, min_value=-1, max_value=_MAX, help_text="Comes from `next`; not for people."
    )


class EventsQuery(serializers.Serializer):
    after = serializers.IntegerField(
        default=0, min_value=0, max_value=2**63 - 1, help_text="Comes from `next`; not for people."
    )


class ChangesQuery(serializers.Serializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        # `for` cannot be written as an attribute of a class.
        return {"for": Choice(["resume", "retry"], required=True)}


class StatusQuery(serializers.Serializer):
    after = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=CURSOR_LENGTH,
        help_text="A cursor; empty at first. Requests what was processed since.",
    )
