"""ETag and 304: a page that asks again for an unchanged answer gets an empty one."""

from dataclasses import is_dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, get_type_hints

import orjson
from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.progress.status import UNTAGGED


def conditional(request: Request, body: Any) -> HttpResponseBase:
    """200 with the body and its ETag, or 304 if the caller has the same body already."""
    response = Response(body)
    tag = etag(body)
    response.headers["ETag"] = tag
    return get_conditional_response(request._request, etag=tag, response=response) or response


def etag(body: Any) -> str:
    """The tag of an answer. Weak: answers that differ in UNTAGGED fields alone have the same."""
    return f'W/"{blake2b(orjson.dumps(_tagged(body)), digest_size=12).hexdigest()}"'


def _tagged(value: Any) -> Any:
    """The value without the UNTAGGED fields of its dataclasses."""
    if is_dataclass(value) and not isinstance(value, type):
        return [_tagged(getattr(value, name)) for name in _tagged_fields(type(value))]
    if isinstance(value, dict):
        return {name: _tagged(inner) for name, inner in value.items()}
    return [_tagged(inner) for inner in value] if isinstance(value, list) else value


@cache
def _tagged_fields(shape: type) -> list[str]:
    hints = get_type_hints(shape, include_extras=True)
    return [
        name for name, hint in hints.items() if UNTAGGED not in getattr(hint, "__metadata__", ())
    ]
