"""The ASGI entry point: `batchsite.asgi:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "batchsite.settings")
django.setup(set_prefix=False)

from batchsite.server.handler import Handler  # noqa: E402  (needs the settings)

application = Handler()
