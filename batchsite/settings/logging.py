"""The log: one line for each event, on standard error."""

from typing import Any

from batchsite.settings import env
from batchsite.settings.base import DATA_DIR

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in _LEVELS:
    raise env.BadSetting(
        "LOG_LEVEL", LOG_LEVEL, "is not a level", f"Set it to one of {', '.join(_LEVELS)}."
    )

LOG_LINES_PER_SECOND = env.number("LOG_LINES_PER_SECOND", 200, least=0, most=10**6)
LIMITS: dict[str, Any] = {
    "file": str(DATA_DIR / "log-counts"),
    "lines_per_second": LOG_LINES_PER_SECOND,
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "batchsite.logs.formatter.LineFormatter"}},
    "filters": {"limits": {"()": "batchsite.logs.limits.LineLimits", **LIMITS}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["limits"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Without Django's own handlers, which would print every record twice.
        "django": {"handlers": [], "level": "WARNING"},
        "jobs": {"level": LOG_LEVEL},
        "batchsite": {"level": LOG_LEVEL},
        "django-q": {"level": "WARNING"},
        # libvips reports every broken picture here; the item's message does as well.
        "pyvips": {"level": "ERROR"},
        # A bad request concerns its caller, not the operator.
        "django.request": {"level": "ERROR"},
    },
}
