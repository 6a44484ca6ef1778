"""Log records as one line each: `time level logger "message" key=value …`."""

import json
import logging
from datetime import UTC, datetime

MAX_LINE = 16_000
"""Characters of a line. Messages and tracebacks may quote what others have sent."""

_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
_STANDARD |= {"request", "server_time", "status_code"}  # Django's


class LineFormatter(logging.Formatter):
    """Writes a record on one line, with its `extra` values and its traceback.

    A message of many lines is quoted like JSON, so that one line is always one event. A very long
    line is cut off.
    """

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        parts = [at.replace("+00:00", "Z"), record.levelname, record.name]
        message = record.getMessage()
        parts.append(message if message.isprintable() else _quoted(message))
        parts += [f"{key}={_value(value)}" for key, value in extra_values(record).items()]
        if record.exc_info:
            parts.append(f"traceback={_quoted(self.formatException(record.exc_info))}")
        line = " ".join(parts)
        cut_off = len(line) - MAX_LINE
        return f"{line[:MAX_LINE]}… ({cut_off} more characters)" if cut_off > 0 else line


def extra_values(record: logging.LogRecord) -> dict[str, object]:
    """The values of a record that its logger was given as `extra`."""
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _value(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and not set(text) & set(' "=') else _quoted(text)


def _quoted(text: str) -> str:
    """Like JSON, with every character escaped that could control a terminal."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in quoted)
