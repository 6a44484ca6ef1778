"""The secret key, cookies and headers."""

import fcntl
import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

from batchsite.settings import env
from batchsite.settings.base import DATA_DIR

_KEY_LENGTH = 50


def stored_secret_key(folder: Path) -> str:
    """The key in `folder/secret_key`; generated if missing, readable by the owner only.

    Two processes that start at the same time get the same key: the first holder of the file's lock
    writes it. A file that a crash left empty or incomplete is written again. Raises BadSetting if
    the folder or the file cannot be used.
    """
    file = env.created_folder("DATA_DIR", folder) / "secret_key"
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+", encoding="ascii") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            key = stream.read().strip()
            if len(key) < _KEY_LENGTH:
                key = get_random_secret_key()
                stream.seek(0)
                stream.truncate()
                stream.write(key + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            return key
    except OSError as error:
        raise env.unusable_folder("DATA_DIR", folder, error) from None
    except UnicodeDecodeError:
        remedy = f"Delete {file}; everybody has to log in again."
        raise env.BadSetting(
            "DATA_DIR", folder, "holds a damaged secret_key file", remedy
        ) from None


SECRET_KEY = env.text("DJANGO_SECRET_KEY") or stored_secret_key(DATA_DIR)

HTTPS = env.flag("DJANGO_HTTPS", default=False)
"""The site is behind a proxy that speaks HTTPS and sets `X-Forwarded-Proto` itself."""

if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(health|metrics)$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS

# Cookies ignore ports: with the default names, another site on this machine's loopback
# address would overwrite them.
SESSION_COOKIE_NAME = "batchsite_session"
CSRF_COOKIE_NAME = "batchsite_csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# A request that names many files is long: 100,000 paths of 100 bytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("MAX_BODY_MB", 16, least=1, most=1024) * 2**20
