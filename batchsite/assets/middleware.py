"""Serves static files under their hashed URLs, and compresses pages and answers of the API."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import get_conditional_response

from batchsite.assets import catalogue
from batchsite.assets.catalogue import Asset

KEPT = "public, max-age=31536000, immutable"
"""For a URL with the hash of what it answers: browsers need not ask again."""
ASKED = "no-cache"

_HASHED = re.compile(r"(?P<start>.+)\.(?P<digest>[0-9a-f]{12})(?P<end>\.\w+)?")
_COMPRESSED_TYPES = ("text/html", "application/json")
_PACKET_BYTES = 1_400
"""A shorter answer takes one packet in any case."""


class AssetsMiddleware:
    """Answers `/static/<name>.<hash>.<ending>` and bundles; all else is left to WhiteNoise.

    A URL with another hash than that of today's content gets today's content, which browsers then
    do not keep: the page was loaded before an upgrade.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.prefix = urlsplit(settings.STATIC_URL).path

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(self.prefix) and request.method in ("GET", "HEAD"):
            asset, digest = _asset(path[len(self.prefix) :])
            if asset is not None:
                return _response(request, asset, KEPT if digest == asset.digest else ASKED)
        return self.get_response(request)


def _asset(name: str) -> tuple[Asset | None, str]:
    """The file that a URL names, and the hash in that URL."""
    match = _HASHED.fullmatch(name)
    plain = match["start"] + (match["end"] or "") if match else name
    if not match and name not in catalogue.SCRIPTS and name not in catalogue.STYLES:
        return None, ""
    try:
        return catalogue.find(plain), match["digest"] if match else ""
    except (SuspiciousFileOperation, ValueError):
        return None, ""  # a path that leads out of the folder, or that is none


def _response(request: HttpRequest, asset: Asset, cache: str) -> HttpResponseBase:
    accepts = re_accepts_gzip.search(request.headers.get("Accept-Encoding", ""))
    compressed = asset.compressed if accepts else None
    response = HttpResponse(compressed or asset.content, content_type=asset.content_type)
    if compressed is not None:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
    response.headers["Cache-Control"] = cache
    response.headers["ETag"] = f'W/"{asset.digest}"'
    if asset.compressed is not None:
        response.headers["Vary"] = "Accept-Encoding"
    return (
        get_conditional_response(request, response.headers["ETag"], response=response) or response
    )


class CompressionMiddleware(GZipMiddleware):
    """Compresses pages and JSON of more than one packet; what is streamed is sent as it is."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if (
            response.streaming
            or not response.headers.get("Content-Type", "").startswith(_COMPRESSED_TYPES)
            or len(response.content) < _PACKET_BYTES  # type: ignore[attr-defined]
        ):
            return response
        return super().process_response(request, response)
