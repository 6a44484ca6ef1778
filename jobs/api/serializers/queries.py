"""What may stand behind the question mark of an address. An empty value is the same as none."""

from typing import Any

from rest_framework import serializers

from jobs.api.serializers.fields import SearchText
from jobs.items import STATUSES
from jobs.models import LibraryFile
from jobs.states import JobStatus

UNFINISHED = "active"
PAGE_SIZE = 20
FILES_PAGE_SIZE = 50
FILES_PAGE_LIMIT = 1_000
ITEMS_PAGE_SIZE = 100
ITEMS_PAGE_LIMIT = 1_000
EVENTS_PAGE_SIZE = 500
_MOST = 2_147_483_647


class Choice(serializers.ChoiceField):
    """One of some words; a wrong one is told what there is to choose from."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, required=False, default="", **options)
        self.error_messages["invalid_choice"] = f"Choose one of: {', '.join(self.choices)}."


class JobsQuery(serializers.Serializer):
    status = Choice([*JobStatus.values, UNFINISHED], help_text="`active`: all that are not over.")
    page = serializers.IntegerField(default=1, min_value=1, max_value=_MOST)


class FilesQuery(serializers.Serializer):
    search = SearchText(default="", help_text="Part of the path, in any case.")
    status = Choice(LibraryFile.Status.values, help_text="How the last item of the file has ended.")
    page = serializers.IntegerField(default=1, min_value=1, max_value=_MOST)
    page_size = serializers.IntegerField(
        default=FILES_PAGE_SIZE, min_value=1, help_text=f"At most {FILES_PAGE_LIMIT}."
    )

    def validate_page_size(self, value: int) -> int:
        return min(value, FILES_PAGE_LIMIT)


class RowsQuery(serializers.Serializer):
    """Which items of a job."""

    status = Choice(STATUSES, help_text="`processed` is succeeded or failed.")
    search = SearchText(default="", help_text="Part of the path, in any case.")


class ItemsQuery(RowsQuery):
    limit = serializers.IntegerField(
        default=ITEMS_PAGE_SIZE, min_value=1, help_text=f"At most {ITEMS_PAGE_LIMIT}."
    )
    after = serializers.IntegerField(
        default=-1, min_value=-1, max_value=_MOST, help_text="Stands in `next`; not for people."
    )

    def validate_limit(self, value: int) -> int:
        return min(value, ITEMS_PAGE_LIMIT)


class EventsQuery(serializers.Serializer):
    after = serializers.IntegerField(
        default=0, min_value=0, max_value=2**63 - 1, help_text="Stands in `next`; not for people."
    )


class ChangesQuery(serializers.Serializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        # `for` cannot be written as an attribute of a class.
        return {"for": serializers.ChoiceField(["resume", "retry"])}


class StatusQuery(serializers.Serializer):
    after = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=10_000,
        help_text="A cursor; empty at first. Asks for what was processed since.",
    )
