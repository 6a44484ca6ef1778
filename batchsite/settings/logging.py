"""One line an event on standard error."""

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
        # Without Django's own handlers, which would print every record once more.
        "django": {"handlers": [], "level": "WARNING"},
        "jobs": {"level": LOG_LEVEL},
        "batchsite": {"level": LOG_LEVEL},
        "django-q": {"level": "WARNING"},
        # libvips tells of every broken picture here; the item tells it too.
        "pyvips": {"level": "ERROR"},
        # A request that a caller got wrong is the caller's to know, not the operator's.
        "django.request": {"level": "ERROR"},
    },
}
