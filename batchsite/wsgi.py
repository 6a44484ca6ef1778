"""The WSGI entry point: `batchsite.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.umask(0o077)  # for this account only, all that it writes
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "batchsite.settings")

application = get_wsgi_application()

# Needs the apps, which are loaded by now.
from jobs.api.lock_waits import limit_lock_waits  # noqa: E402

limit_lock_waits()
