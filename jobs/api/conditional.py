"""ETag and 304: a page that asks again for what it already has gets an empty answer."""

from hashlib import blake2b
from typing import Any

import orjson
from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response


def conditional(request: Request, body: dict[str, Any]) -> HttpResponseBase:
    """200 with the body and its ETag, or 304 if the caller has the same already.

    For how long a job or an item has been running is no change: whoever shows that counts on
    by himself. So the tag is a weak one.
    """
    response = Response(body)
    tag = etag(body)
    response.headers["ETag"] = tag
    return get_conditional_response(request._request, etag=tag, response=response) or response


def etag(body: dict[str, Any]) -> str:
    """A weak tag of a status object, a list of them, or any other JSON."""
    text = orjson.dumps(_timeless(body), default=str, option=orjson.OPT_SORT_KEYS)
    return f'W/"{blake2b(text, digest_size=12).hexdigest()}"'


def _timeless(body: dict[str, Any]) -> dict[str, Any]:
    if "jobs" in body:
        return {**body, "jobs": [_timeless(job) for job in body["jobs"]]}
    if "current" in body:
        current = [running["path"] for running in body["current"]]
        # Which items came is told by the cursor behind them, and that is shorter.
        return {**body, "current": current, "active_seconds": None, "items": None}
    return body
