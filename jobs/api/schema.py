"""The OpenAPI schema: what every call takes, the answers and the errors it can have.

Answers are described by the dataclasses and TypedDicts that they are made of. A text in
`Annotated` is a field's description; a field with a default, or `NotRequired`, may be missing.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from inspect import signature
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from django.db.models import Choices
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers as s

from jobs.api.answers import Error
from jobs.api.errors import SENTENCES
from jobs.progress.status import Timestamp, Uuid

View = TypeVar("View", bound=Callable[..., Any])

JOB_ID = OpenApiParameter("job_id", OpenApiTypes.STR, "path", description="The id of a job.")

NOT_MODIFIED = {304: OpenApiResponse(description="The same as the answer with this ETag.")}

URL_TOO_LONG = OpenApiResponse(
    description="The URL is longer than 8,190 bytes. The web server answers this, not as JSON."
)

_FIELDS: dict[Any, type[s.Field]] = {
    Any: s.JSONField,
    bool: s.BooleanField,
    float: s.FloatField,
    int: s.IntegerField,
    Timestamp: s.DateTimeField,
    Uuid: s.UUIDField,
}


def documented(
    name: str,
    summary: str,
    answer: Any,
    tag: str,
    *,
    status: int = 200,
    errors: tuple[int, ...] = (),
    body: Any = None,
    query: Any = None,
    also: dict[Any, Any] | None = None,
) -> Callable[[View], View]:
    """Describe a method of a view.

    name     the operation id, for programs that are generated from the schema
    answer   the shape of the answer, a list of one, or a dict of them by status
    errors   those besides 400, 401, 403, 429, 500 and 503, which every call can have, and 413 and
             415, which every call with a body can have
    """

    def describe(method: View) -> View:
        statuses = {*errors, 400, 401, 403, 429, 500, 503, *((413, 415) if body else ())}
        answers = answer if isinstance(answer, dict) else {status: answer}
        parameters = [JOB_ID] if "job_id" in signature(method).parameters else []
        return extend_schema(
            operation_id=name,
            summary=summary,
            description=f"{summary}.",
            tags=[tag],
            request=body,
            parameters=[*parameters, query] if query else parameters,
            responses={
                number: OpenApiResponse(serializer_of(Error), description=SENTENCES[number])
                for number in sorted(statuses)
            }
            | {number: _response(shape) for number, shape in answers.items()}
            | ({414: URL_TOO_LONG} if query else {})
            | (also or {}),
        )(method)

    return describe


@cache
def serializer_of(shape: type) -> type[s.Serializer]:
    """A serializer with the fields of a dataclass or TypedDict. It describes; nothing is run."""
    hints = get_type_hints(shape, include_extras=True)
    optional = _optional(shape)

    def get_fields(self: s.Serializer) -> dict[str, s.Field]:
        return {
            name: _field(hint, {"required": False} if name in optional else {})
            for name, hint in hints.items()
        }

    return type(
        shape.__name__, (s.Serializer,), {"__doc__": shape.__doc__, "get_fields": get_fields}
    )


def _response(shape: Any) -> Any:
    if get_origin(shape) is list:
        return serializer_of(get_args(shape)[0])(many=True)
    return serializer_of(shape) if _is_shape(shape) else shape


def _is_shape(hint: Any) -> bool:
    return is_dataclass(hint) or is_typeddict(hint)


def _optional(shape: Any) -> set[str]:
    if is_dataclass(shape):
        return {
            field.name
            for field in fields(shape)
            if field.default is not MISSING or field.default_factory is not MISSING
        }
    return set(shape.__optional_keys__)


def _field(hint: Any, options: dict[str, Any]) -> s.Field:
    """The field that describes a type. Raises TypeError for a type that has none."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        texts = [extra for extra in arguments[1:] if isinstance(extra, str)]
        return _field(arguments[0], options | ({"help_text": texts[0]} if texts else {}))
    if origin is NotRequired:
        return _field(arguments[0], options)
    if origin in (Union, UnionType) and NoneType in arguments and len(arguments) == 2:
        (inner,) = set(arguments) - {NoneType}
        return _field(inner, options | {"allow_null": True})
    return _container(origin, arguments, options) if origin else _single(hint, options)


def _container(origin: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> s.Field:
    if origin is Literal:
        return s.ChoiceField(list(arguments), **options)
    if origin in (dict, list):
        kind = s.DictField if origin is dict else s.ListField
        return kind(child=_field(arguments[-1], {}), **options)
    raise TypeError(f"No field describes {origin!r}.")


def _single(hint: Any, options: dict[str, Any]) -> s.Field:
    if _is_shape(hint):
        return serializer_of(hint)(**options)
    if isinstance(hint, type) and issubclass(hint, Choices):
        return s.ChoiceField(hint.choices, **options)
    if hint is str:
        return s.CharField(allow_blank=True, **options)
    if hint in _FIELDS:
        return _FIELDS[hint](**options)
    raise TypeError(f"No field describes {hint!r}.")
