"""Settings of the web server: `gunicorn -c python:batchsite.gunicorn_conf`.

An event loop receives and sends, and a few threads run the views (`batchsite.server`). One
process, because each further one is another writer for SQLite; `--workers` adds more.
"""

import gc
import resource
from typing import Any

from gunicorn.glogging import Logger

from batchsite.logs.formatter import LineFormatter
from batchsite.logs.limits import LineLimits
from batchsite.settings.base import LOCAL_MODE, LOGIN_REQUIRED
from batchsite.settings.logging import LIMITS, LOGGING
from jobs.supervisor.exclusive import is_loopback

OPEN_TO_THIS_MACHINE = LOCAL_MODE and not LOGIN_REQUIRED


class SiteLogger(Logger):
    """Writes gunicorn's own lines like all others: in the same form and within the same limits.

    With `logconfig_dict` set, gunicorn would format a line for each request and discard it.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log, output in ((self.error_log, cfg.errorlog), (self.access_log, cfg.accesslog)):
            log.propagate = output in (None, "-")
            if not log.propagate:
                self._set_handler(log, output, LineFormatter())
                log.handlers[-1].addFilter(LineLimits(**LIMITS))

    def _compute_access_log_enabled(self) -> bool:
        cfg = self.cfg
        return bool(cfg.accesslog or cfg.syslog or cfg.logconfig or cfg.logconfig_json)


OPEN_FILES = 4096
"""Enough for `worker_connections` and what their requests open. Many systems allow 1024."""

logger_class = SiteLogger
wsgi_app = "batchsite.asgi:application"  # gunicorn's name for it; the worker takes ASGI
worker_class = "batchsite.server.worker.Worker"
workers = 1
worker_connections = 1000
asgi_loop = "asyncio"
asgi_lifespan = "off"
# A worker that is silent for this long has hung. A client that sends nothing of its body or reads
# nothing of its response for this long is disconnected.
timeout = 120
graceful_timeout = 10
keepalive = 5
# The cursor of a poll has a number for each worker that took part in the job.
limit_request_line = 8190
control_socket_disable = True
proc_name = "batchsite"
accesslog = None
loglevel = "warning"
logconfig_dict = {
    **LOGGING,
    "loggers": {
        **LOGGING["loggers"],
        # Without gunicorn's own handlers.
        "gunicorn.error": {"handlers": [], "level": "WARNING"},
        "gunicorn.access": {"handlers": [], "level": "INFO"},
    },
}


def when_ready(server: Any) -> None:
    """Refuse to serve others without login. Raises RuntimeError, which gunicorn reports."""
    for listener in server.LISTENERS:
        name = listener.sock.getsockname()
        if OPEN_TO_THIS_MACHINE and isinstance(name, tuple) and not is_loopback(name[0]):
            raise RuntimeError(
                f"The site runs without login, so it does not listen on {name[0]}. "
                "Set LOGIN_REQUIRED=true and DJANGO_ALLOWED_HOSTS, or bind it to 127.0.0.1."
            )


def post_worker_init(worker: Any) -> None:
    """Exempt everything that is loaded by now from garbage collection.

    Each full collection delayed every request by 80 ms, more than once a second with a hundred
    pages that watch a job.
    """
    from django.urls import get_resolver

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now < OPEN_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, most), most))
    # All pages, including the admin's: an error in one must end the server now.
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
