"""Fields that take JSON literally: "5" is no number, 1 is no boolean, a text is no list."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

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
    """Text to look for, with its spaces, since names have them too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=SEARCH_LENGTH, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Give a text.")
        return super().to_internal_value(data)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Paths(serializers.Field):
    """A list of library paths: checked in one go, because there may be 100,000 of them."""

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            raise serializers.ValidationError("Give a list of paths.")
        for place, path in enumerate(data, 1):
            if not isinstance(path, str) or not path:
                raise serializers.ValidationError(f"Path {place} of the list is not a text.")
            if len(path) > PATH_LENGTH or not _storable(path):
                raise serializers.ValidationError(f"Path {place} of the list is not a path.")
        return data

    def to_representation(self, value: list[str]) -> list[str]:
        return value


def _storable(text: str) -> bool:
    """Whether a database takes it: NUL and lone surrogates are no text."""
    if "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


@extend_schema_field(OpenApiTypes.ANY)
class AnyJson(serializers.JSONField):
    """Any JSON value."""
