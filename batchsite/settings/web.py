"""Apps, middleware, templates, static files and the API's defaults."""

import warnings
from importlib.util import find_spec
from typing import Any

from batchsite.settings import env
from batchsite.settings.auth import REMOTE_USER_HEADER
from batchsite.settings.base import BASE_DIR, DATA_DIR, DEBUG

ROOT_URLCONF = "batchsite.urls"
WSGI_APPLICATION = "batchsite.wsgi.application"
GUNICORN_CONFIG = "python:batchsite.gunicorn_conf"
ASGI_APPLICATION = "batchsite.asgi.application"
WEB_MODULES = [
    "batchsite.rest",  # first: what follows imports the framework
    "batchsite.gunicorn_conf",
    "batchsite.server.handler",
    "batchsite.server.worker",
    "gunicorn.app.wsgiapp",
    "gunicorn.instrument.statsd",
    "django.contrib.auth.context_processors",
    "django.contrib.messages.context_processors",
    "django.contrib.messages.storage.fallback",
    "django.contrib.sessions.backends.db",
    "django.template.context_processors",
    "django.template.loaders.app_directories",
    "django.template.loaders.cached",
]
"""What `serve` loads for the web server, besides the pages, before it forks."""
WEB_THREADS = env.number("WEB_THREADS", 8, least=1, most=1000)


def extra_apps() -> list[str]:
    """The apps of `EXTRA_APPS`. Raises BadSetting for one whose package is not installed."""
    apps = env.names("EXTRA_APPS")
    for app in apps:
        package = app.partition(".")[0]
        if not package.isidentifier() or find_spec(package) is None:
            raise env.BadSetting(
                "EXTRA_APPS",
                None,
                f"names “{app}”, but Python finds no package “{package}”",
                "Install it, or put its parent folder into PYTHONPATH.",
            )
    return apps


EXTRA_APPS = extra_apps()

INSTALLED_APPS = [
    "batchsite.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    # Before django_q: its commands and templates override those of django-q2.
    "jobs",
    "django_q",
    "rest_framework",
    "axes",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "bootstrap",
    *EXTRA_APPS,
]

MIDDLEWARE = [
    # First, because each of the others may answer with an error page of its own.
    "jobs.api.errors.JsonErrorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "batchsite.assets.middleware.CompressionMiddleware",
    "batchsite.middleware.ContentSecurityPolicyMiddleware",
    "batchsite.middleware.LocalModeMiddleware",
    "batchsite.middleware.SameSiteMiddleware",
    "batchsite.assets.middleware.AssetsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last: it turns the answer to a throttled login into a 429.
    "axes.middleware.AxesMiddleware",
]
if REMOTE_USER_HEADER:
    _place = MIDDLEWARE.index("django.contrib.messages.middleware.MessageMiddleware")
    MIDDLEWARE.insert(_place, "batchsite.proxy_login.ProxyLoginMiddleware")

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# The files are found in place in both modes, so no step can be forgotten: under their hashed URLs
# by `batchsite.assets`, under their own names by WhiteNoise. STATIC_ROOT is for sites whose web
# server in front serves them.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "batchsite.assets.storage.HashedStorage"},
}
STATIC_ROOT = DATA_DIR / "static"
warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 300
# Its default lets the pages of every other site read the files.
WHITENOISE_ALLOW_ALL_ORIGINS = False

REST_FRAMEWORK = {
    # The first class decides the answer to a caller without credentials: 401, not 403.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "jobs.api.access.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["jobs.api.access.CanUseSite"],
    "DEFAULT_RENDERER_CLASSES": ["jobs.api.formats.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "jobs.api.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "batchsite",
    "DESCRIPTION": "Run, watch and stop work on many files at once.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "JobStatus": "jobs.states.JobStatus",
        "ItemStatus": "jobs.states.ItemStatus",
        "FileStatus": "jobs.models.Outcome.Status",
        "Outcome": ["succeeded", "failed"],
        "Source": ["page", "api", "admin", "command", "engine"],
        "Wellness": ["ok", "error"],
    },
    "OAS_VERSION": "3.1.0",
    # A text that must not be blank is described as one of at least one character.
    "ENFORCE_NON_BLANK_FIELDS": True,
}
