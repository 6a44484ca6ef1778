"""What answers about operations and files hold; see `answers`."""

from rest_framework import serializers as s

from jobs.api.serializers.fields import AnyJson
from jobs.models import LibraryFile


class Choice(s.Serializer):
    value = AnyJson()

    def get_fields(self) -> dict[str, s.Field]:
        return {**super().get_fields(), "label": s.CharField()}


class Parameter(s.Serializer):
    name = s.CharField()
    type = s.CharField(
        help_text="string, text, integer, number, boolean, choice, choices, date, datetime, "
        "time or json."
    )
    choices = Choice(many=True, allow_null=True)
    help = s.CharField()
    min = s.FloatField(allow_null=True)
    max = s.FloatField(allow_null=True)

    def get_fields(self) -> dict[str, s.Field]:
        return {
            **super().get_fields(),
            "label": s.CharField(),
            "required": s.BooleanField(),
            "default": AnyJson(),
        }


class Operation(s.Serializer):
    name = s.CharField(help_text="What a new job calls it.")
    description = s.CharField()
    own_items = s.BooleanField(help_text="It brings its own items: start it without files.")
    parameters = Parameter(many=True)

    def get_fields(self) -> dict[str, s.Field]:
        return {**super().get_fields(), "label": s.CharField(help_text="Its name for people.")}


class File(s.Serializer):
    path = s.CharField(help_text="Relative to the library, with “/”.")
    size = s.IntegerField(help_text="Bytes.")
    modified = s.DateTimeField(help_text="UTC.")
    kind = s.CharField()
    status = s.ChoiceField(LibraryFile.Status.choices, help_text="How its last item has ended.")
    message = s.CharField(help_text="What that item said; often empty.")
    job_id = s.UUIDField(allow_null=True, help_text="The job of that item.")


class FilePage(s.Serializer):
    count = s.IntegerField(help_text="Files that match, on all pages.")
    page = s.IntegerField()
    pages = s.IntegerField(help_text="At least 1.")
    files = File(many=True)


class Scan(s.Serializer):
    running = s.BooleanField(help_text="A scan is going on, in whatever process.")
    finished_at = s.DateTimeField(allow_null=True, help_text="When a scan was last complete.")
    files = s.IntegerField(help_text="How many files that one saw.")
    error = s.CharField(allow_null=True, help_text="Why a scan has failed since then.")


class ScanStarted(Scan):
    success = s.BooleanField(help_text="Always true.")
