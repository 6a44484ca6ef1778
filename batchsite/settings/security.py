"""The secret key, cookies and headers."""

from batchsite.settings import env
from batchsite.settings.base import DATA_DIR
from batchsite.settings.secret import kept_secret_key

SECRET_KEY = env.text("DJANGO_SECRET_KEY") or kept_secret_key(DATA_DIR)

HTTPS = env.flag("DJANGO_HTTPS", default=False)
"""The site is behind a proxy that speaks HTTPS and sets `X-Forwarded-Proto` itself."""

if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(health|metrics)$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS

# Cookies do not know ports: without names of its own, another site on this machine's
# loopback address would overwrite them.
SESSION_COOKIE_NAME = "batchsite_session"
CSRF_COOKIE_NAME = "batchsite_csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# A request that names many files is long: 100,000 paths of 100 bytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
