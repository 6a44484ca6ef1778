"""Serves the site so that no slow client holds a thread: an ASGI handler and a gunicorn worker."""
