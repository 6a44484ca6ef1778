"""What the bodies of requests may hold."""

from typing import Any

from rest_framework import serializers

from jobs.api.serializers.fields import JsonObject, Paths, SearchText, StrictBoolean, WholeNumber
from jobs.services.limits import FAILURE_LIMIT, MAX_WORKERS

SELECTIONS = ("files", "all", "unprocessed", "search")


class BodySerializer(serializers.Serializer):
    """Refuses names it does not know: a misspelt one would silently change what is meant.

    A value of null is the same as none.
    """

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError({"": ["Send a JSON object, like {}."]})
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            known = ", ".join(self.fields)
            told = [f"There is no such field. Choose from: {known}."]
            raise serializers.ValidationError({name[:100]: told for name in unknown[:20]})
        return super().to_internal_value(
            {name: value for name, value in data.items() if value is not None}
        )


class StartJobSerializer(BodySerializer):
    """A new job: the operation, its parameters, and exactly one of the four selections.

    An operation that brings its own items is started without a selection.
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
        required=False, help_text="Files whose last item did not end, or that never had one."
    )
    search = SearchText(required=False, help_text="Files whose path contains this text.")
    max_workers = WholeNumber(
        required=False,
        min_value=MAX_WORKERS[0],
        max_value=MAX_WORKERS[1],
        help_text="At most so many at once.",
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
            told = ["Give only one of “files”, “all”, “unprocessed” and “search”."]
            raise serializers.ValidationError(dict.fromkeys(given, told))
        return data


class GoOnSerializer(BodySerializer):
    """How to resume or retry a job. The body may be empty."""

    leave_out = StrictBoolean(
        default=False,
        help_text="Do without the files that have changed or vanished since the job was made.",
    )
