"""The ASGI entry point: `batchsite.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.umask(0o077)  # for this account only, all that it writes
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "batchsite.settings")

application = get_asgi_application()
