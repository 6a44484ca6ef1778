"""Folders, the engine's settings, and the mode: local (one person at this machine) or served."""

import os
from pathlib import Path

from batchsite.settings import env
from jobs.conf import defaults

BASE_DIR = Path(__file__).resolve().parents[2]
DOCS_ROOT = BASE_DIR / "docs"
DATA_DIR = env.path("DATA_DIR", BASE_DIR / "data")
LIBRARY_ROOT = env.path("LIBRARY_ROOT", DATA_DIR / "library")
OPERATIONS_FILE = str(env.path("OPERATIONS_FILE", Path())) if env.text("OPERATIONS_FILE") else ""

HOST = env.address("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, least=1, most=65535)
WORKERS = env.number("WORKERS", os.cpu_count() or 1, least=1, most=1024)

for _setting, _default in defaults().items():
    _name = f"JOBS_{_setting}"
    if isinstance(_default, int):
        globals()[_name] = env.number(_name, _default, least=0, most=10**12)
    else:
        globals()[_name] = env.decimal(_name, _default)

DEBUG = env.flag("DJANGO_DEBUG", default=False)

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = env.names("DJANGO_ALLOWED_HOSTS", default=LOOPBACK)

LOCAL_MODE = DEBUG and set(ALLOWED_HOSTS) <= set(LOOPBACK)
"""One person works at this machine, so no login is needed. Requests from elsewhere are refused."""

LOGIN_REQUIRED = env.flag("LOGIN_REQUIRED", default=not LOCAL_MODE)

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
