"""Log records as one line each: `time level logger "message" key=value …`."""

import json
import logging
import threading
from datetime import UTC, datetime

REPEAT_SECONDS = 60.0

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


class RepeatFilter(logging.Filter):
    """Lets the same warning or error through once a minute; the next tells how often it came
    between, as `held_back`.

    While a database is away, everybody who needs it finds that out several times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._told: dict[object, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[1] if record.exc_info else None
        same = (record.name, record.levelno, record.getMessage(), repr((_extra(record), error)))
        with self._lock:
            at, held_back = self._told.get(same, (0.0, 0))
            if 0 <= record.created - at < REPEAT_SECONDS:
                self._told[same] = (at, held_back + 1)
                return False
            self._forget(record.created)
            self._told[same] = (record.created, 0)
        if held_back:
            record.held_back = held_back
        return True

    def _forget(self, now: float) -> None:
        """What was not held back since, and would be told again now."""
        self._told = {
            same: (at, number)
            for same, (at, number) in self._told.items()
            if now - at < REPEAT_SECONDS or (number and now - at < 60 * REPEAT_SECONDS)
        }


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
