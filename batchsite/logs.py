"""Log records as one line each: `time level logger "message" key=value …`."""

import json
import logging
import threading
from datetime import UTC, datetime

REPEAT_SECONDS = 60.0

_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
_STANDARD |= {"request", "server_time", "status_code"}  # Django's


class LineFormatter(logging.Formatter):
    """Writes a record on one line, with its `extra` values and its traceback.

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


class RepeatFilter(logging.Filter):
    """Passes the same warning or error once a minute.

    The next one that passes has the number of suppressed records as `suppressed`. While a database
    is away, every process that needs it notices that several times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._passed: dict[object, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[1] if record.exc_info else None
        same = (record.name, record.levelno, record.getMessage(), repr((_extra(record), error)))
        with self._lock:
            at, suppressed = self._passed.get(same, (0.0, 0))
            if 0 <= record.created - at < REPEAT_SECONDS:
                self._passed[same] = (at, suppressed + 1)
                return False
            # Those that were not suppressed since and would pass now are forgotten.
            self._passed = {
                other: (at, number)
                for other, (at, number) in self._passed.items()
                if record.created - at < REPEAT_SECONDS * (60 if number else 1)
            }
            self._passed[same] = (record.created, 0)
        if suppressed:
            record.suppressed = suppressed
        return True


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _value(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and not set(text) & set(' "=') else _quoted(text)


def _quoted(text: str) -> str:
    """Like JSON, with every character escaped that could control a terminal."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in quoted)
