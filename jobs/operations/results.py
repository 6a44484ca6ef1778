"""The outcome of one item: a result, or a failure with a sentence for a person."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from jobs.operations.totals import Totals, check_totals

RESULT_LIMIT_BYTES = 64 * 1024
"""An item fails if its result is larger than this as JSON. Results are not meant for content."""

MESSAGE_LIMIT = 2_000
"""Longest message in characters. Longer messages are cut."""

# PostgreSQL rejects NUL and lone surrogates. The other control characters could drive the
# terminal of a person who runs `showjob`.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class ItemFailed(Exception):
    """Raise it to fail the item with exactly this message.

    finding  True if the message is a fact about this one file, such as "is damaged". Many equal
             findings in a row are not a sign of an outage, so they do not pause the job.
    data     stored as the item's result, with the same limits as any other result
    """

    def __init__(
        self, message: str, *, finding: bool = False, data: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.finding = finding
        self.data = data


class ItemUnsuitable(Exception):
    """Raise it for an item that the operation is not for: it succeeds with this warning."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Result:
    """The return value of `Operation.process` when a dict is not enough.

    data      stored as the item's result
    message   shown beside a succeeded item, which counts as a warning then
    warning   the same, for what a person should look at; it comes before the message
    remember  stored with the file if the operation has `remembers = True`. The next job gets it
              as `item.previous`. None keeps what was remembered before.
    totals    numbers by name, which are summed up over the job's succeeded items: `totals` in the
              status object. At most 64 names of up to 60 characters, each number finite.
    """

    data: dict[str, Any] | None = None
    message: str = ""
    remember: dict[str, Any] | None = None
    warning: str = ""
    totals: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A `Result` as it is stored: a message that every database accepts, and dicts as JSON text.

    `totals` is as `operations.totals` takes it; None if there are none.
    """

    data: str | None = None
    message: str = ""
    remember: str | None = None
    totals: Totals | None = None


def as_stored(returned: object) -> StoredResult:
    """Convert the return value of `process` into the form in which it is stored.

    Raises ItemFailed if it is not None, a dict or a Result, or if it cannot be stored.
    """
    if returned is None:
        return StoredResult()
    if isinstance(returned, Mapping):
        returned = Result(dict(returned))
    if not isinstance(returned, Result):
        raise ItemFailed(
            f"The operation returned a value of type {type(returned).__name__}; "
            "it must return a dict or nothing."
        )
    texts = (str(returned.warning), str(returned.message))
    message = clean_text(" ".join(text for text in texts if text))
    try:
        totals = check_totals(returned.totals) if returned.totals else None
    except ValueError as error:
        raise ItemFailed(str(error)) from None
    data, remember = encode_result(returned.data), encode_result(returned.remember)
    return StoredResult(data, message, remember, totals)


def encode_result(data: dict[str, Any] | None) -> str | None:
    """Return `data` as JSON text that every database stores; None for None.

    Dates, decimals and UUIDs become text. NUL and lone surrogates are replaced. Raises
    ItemFailed for values of other types, and if the text is larger than RESULT_LIMIT_BYTES.
    """
    if data is None:
        return None
    try:
        text = _encode(data)
    except (TypeError, ValueError, RecursionError) as error:
        raise ItemFailed(f"The result cannot be stored as JSON: {error}") from None
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > RESULT_LIMIT_BYTES:
        raise ItemFailed(
            f"The result is too large: {_readable(size)}, "
            f"the limit is {_readable(RESULT_LIMIT_BYTES)}"
        )
    if text.isascii() and "\\u0000" not in text:
        return text
    return _encode(_storable(json.loads(text)))


def clean_text(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Return `text` cut to `limit` characters, with U+FFFD in place of unstorable ones."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return _UNSTORABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


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


_encode = DjangoJSONEncoder(allow_nan=False, ensure_ascii=False).encode
