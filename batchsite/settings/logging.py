"""The log: one line for each event, on standard error."""

from typing import Any

from batchsite.settings import env

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in _LEVELS:
    raise env.BadSetting(
        "LOG_LEVEL", LOG_LEVEL, "is not a level", f"Set it to one of {', '.join(_LEVELS)}."
    )

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "batchsite.logs.LineFormatter"}},
    "filters": {"repeats": {"()": "batchsite.logs.RepeatFilter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["repeats"],
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
