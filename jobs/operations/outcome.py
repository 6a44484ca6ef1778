"""What became of one item: a result, or a failure with a sentence for a person."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from jobs.operations.text import clean_text

RESULT_LIMIT_BYTES = 64 * 1024
"""A result larger than this as JSON fails its item: results are for numbers, not for content."""


class ItemFailed(Exception):
    """Fails the item with exactly this message.

    `finding` says that the message is a fact about this one file (it is broken), so that
    many equal ones in a row are no sign of an outage and do not pause the job.
    `data` is kept as the item's result, with the same limits as any other result.
    """

    def __init__(
        self, message: str, *, finding: bool = False, data: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.finding = finding
        self.data = data


@dataclass(frozen=True, slots=True)
class Result:
    """What `Operation.process` may return when a dict is not enough.

    `data` is kept as the item's result; `message` is shown beside a succeeded item;
    `remember` is kept with the file, and given back as `item.previous` by the next job of
    an operation with `remembers = True`; None leaves what was remembered before.
    """

    data: dict[str, Any] | None = None
    message: str = ""
    remember: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A `Result` as it is kept: its message without what no database stores, its dicts as JSON."""

    data: str | None = None
    message: str = ""
    remember: str | None = None


def as_stored(returned: object) -> StoredResult:
    """Turn whatever `process` returned into what is kept of it.

    Raises ItemFailed when it is neither None, a dict nor a Result, or cannot be kept.
    """
    if returned is None:
        return _NOTHING
    if isinstance(returned, Result):
        return StoredResult(
            encode_result(returned.data),
            clean_text(str(returned.message)),
            encode_result(returned.remember),
        )
    if isinstance(returned, Mapping):
        return StoredResult(encode_result(dict(returned)))
    raise ItemFailed(
        f"The operation returned a value of type {type(returned).__name__}; "
        "it must return a dict or nothing."
    )


def encode_result(data: dict[str, Any] | None) -> str | None:
    """`data` as JSON text which every database stores; None for None.

    Dates, decimals and UUIDs become text; NUL and lone surrogates are replaced. Raises
    ItemFailed when something else is in it, or when it is larger than RESULT_LIMIT_BYTES.
    """
    if data is None:
        return None
    try:
        text = _encode(data)
    except (TypeError, ValueError, RecursionError) as error:
        raise ItemFailed(f"The result cannot be kept as JSON: {error}") from None
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > RESULT_LIMIT_BYTES:
        raise ItemFailed(
            f"The result is too large: {_readable(size)}, "
            f"the limit is {_readable(RESULT_LIMIT_BYTES)}"
        )
    if text.isascii() and "\\u0000" not in text:
        return text
    return _encode(_storable(json.loads(text)))


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value, limit=RESULT_LIMIT_BYTES)
    if isinstance(value, dict):
        return {clean_text(name): _storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return value


def _readable(size: int) -> str:
    kilobytes = size / 1024
    if kilobytes < 1024:
        return f"{math.ceil(kilobytes):,} KB"
    return f"{kilobytes / 1024:,.0f} MB"


_NOTHING = StoredResult()
_encode = DjangoJSONEncoder(allow_nan=False, ensure_ascii=False).encode
