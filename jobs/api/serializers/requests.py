"""The bodies of requests. Their JSON is taken literally: "5" is no number, 1 is no boolean."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs.library.writer import is_storable
from jobs.services.start import FAILURE_LIMIT, MAX_WORKERS

SELECTIONS = ("files", "all", "unprocessed", "search")

PATH_LENGTH = 20_000
"""Characters of one path: each byte of a 4,096-byte path may be written in four."""

SEARCH_LENGTH = 1_000


class StrictBoolean(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("Give true or false.")
        return data


class WholeNumber(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("Give a whole number.")
        return data


class JsonObject(serializers.DictField):
    default_error_messages = {"not_a_dict": 'Give an object, like {{"name": value}}.'}


class SearchText(serializers.CharField):
    """Text to search for, with its spaces, since names have them too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=SEARCH_LENGTH, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Give a text.")
        return super().to_internal_value(data)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Paths(serializers.Field):
    """A list of library paths, checked in one loop because there may be 100,000 of them."""

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            raise serializers.ValidationError("Give a list of paths.")
        for place, path in enumerate(data, 1):
            if not isinstance(path, str) or not path:
                raise serializers.ValidationError(f"Path {place} of the list is not a text.")
            if len(path) > PATH_LENGTH or not is_storable(path):
                raise serializers.ValidationError(f"Path {place} of the list is not a path.")
        return data

    def to_representation(self, value: list[str]) -> list[str]:
        return value


class BodySerializer(serializers.Serializer):
    """Refuses unknown names, since a misspelt one would silently change the meaning.

    A null is the same as no value.
    """

    def get_fields(self) -> dict[str, serializers.Field]:
        found = super().get_fields()
        for field in found.values():
            field.allow_null = not field.required  # for the schema
        return found

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError({"": ["Send a JSON object, like {}."]})
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            known = ", ".join(self.fields)
            error = [f"There is no such field. Choose from: {known}."]
            raise serializers.ValidationError({name[:100]: error for name in unknown[:20]})
        return super().to_internal_value(
            {name: value for name, value in data.items() if value is not None}
        )


class StartJobSerializer(BodySerializer):
    """A new job: the operation, its parameters, and exactly one of the four selections.

    An operation that lists its own items is started without a selection.
    """

    operation = serializers.CharField(
        max_length=100, help_text="The name of one of `GET /api/operations`."
    )
    parameters = JsonObject(
        required=False, help_text="Values for the operation's parameters, by name."
    )
    files = Paths(required=False, help_text="Library paths, processed in this order, each once.")
    all = StrictBoolean(required=False, help_text="Every file of the library.")
    unprocessed = StrictBoolean(
        required=False, help_text="Files that were never processed, or whose last item did not end."
    )
    search = SearchText(required=False, help_text="Files whose path contains this text.")
    max_workers = WholeNumber(
        required=False,
        min_value=MAX_WORKERS[0],
        max_value=MAX_WORKERS[1],
        help_text="At most this many workers at once.",
    )
    failure_limit = WholeNumber(
        required=False,
        min_value=FAILURE_LIMIT[0],
        max_value=FAILURE_LIMIT[1],
        help_text="The job fails when more items than this have failed.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in SELECTIONS if data.get(name) not in (None, False)]
        if len(given) > 1:
            error = ["Give only one of “files”, “all”, “unprocessed” and “search”."]
            raise serializers.ValidationError(dict.fromkeys(given, error))
        return data


class RequeueSerializer(BodySerializer):
    """How to retry a job. The body may be empty."""

    skip_changed = StrictBoolean(
        default=False,
        help_text="Skip the files that have changed or disappeared since the job was created.",
    )


class StartScanSerializer(BodySerializer):
    """How to update the list of files. The body may be empty."""

    accept_removals = StrictBoolean(
        default=False,
        help_text="Remove all missing files from the list, however many, also those on disks that "
        "are not mounted.",
    )


class ResumeSerializer(RequeueSerializer):
    """How to resume a job. The body may be empty."""

    retry_failed = serializers.ChoiceField(
        choices=["same_error"],
        required=False,
        help_text="Process the files again that failed with the job's `repeated_error`.",
    )
