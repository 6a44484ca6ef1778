"""Log records as one line each: `time level logger "message" key=value …`."""

import json
import logging
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """Writes what is in a record, its `extra` values and its traceback included, on one line.

    A message of many lines is quoted like JSON, so that one line is always one event.
    """

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        parts = [at.replace("+00:00", "Z"), record.levelname, record.name]
        message = record.getMessage()
        parts.append(message if message.isprintable() else _quoted(message))
        parts += [f"{key}={_value(value)}" for key, value in _extra(record).items()]
        if record.exc_info:
            parts.append(f"traceback={_quoted(self.formatException(record.exc_info))}")
        return " ".join(parts)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {
        key: value
        for key, value in vars(record).items()
        if key not in _STANDARD and key not in ("request", "server_time", "status_code")
    }


def _value(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and not set(text) & set(' "=') else _quoted(text)


def _quoted(text: str) -> str:
    """Like JSON, with every character escaped that a terminal could take for a command."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in quoted)
