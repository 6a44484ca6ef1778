"""Reads a request's JSON, within limits: what is too large or too deep fails this request only."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    """JSON of at most `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes; the parser it extends has no limit.

    Raises RequestDataTooBig, and ParseError for what is not JSON.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise RequestDataTooBig
        # A tool that says "JSON" and sends nothing means an empty object.
        if not raw.strip():
            return {}
        try:
            return super().parse(BytesIO(raw), media_type, dict(parser_context or {}))
        except ParseError as error:
            reason = str(error.detail).removeprefix("JSON parse error - ")
        except RecursionError:
            reason = "it is nested too deeply"
        raise ParseError(f"The body is not valid JSON: {reason}.")
