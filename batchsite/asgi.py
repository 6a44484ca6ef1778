"""The ASGI entry point: `batchsite.asgi:application`."""

import os

import django

os.umask(0o077)  # for this account only, all that it writes
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "batchsite.settings")
django.setup(set_prefix=False)

# Both need the settings and the apps, which are loaded by now.
import batchsite.rest  # noqa: E402, F401
from batchsite.server.handler import Handler  # noqa: E402
from jobs.api.lock_waits import limit_lock_waits  # noqa: E402

limit_lock_waits()
application = Handler()
