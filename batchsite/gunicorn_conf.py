"""Settings of the web server: `gunicorn -c python:batchsite.gunicorn_conf`.

Threads, because requests are short and wait for the database. One process, because each further
one is another writer for SQLite; `--workers` adds more.
"""

import gc
from typing import Any

from gunicorn.glogging import Logger

from batchsite.settings.logging import LOGGING


class NoAccessLog(Logger):
    """With `logconfig_dict` set, gunicorn would format a line for each request and discard it."""

    def access(self, *args: Any) -> None:
        cfg = self.cfg
        if cfg.accesslog or cfg.syslog or cfg.logconfig or cfg.logconfig_json:
            super().access(*args)


logger_class = NoAccessLog
wsgi_app = "batchsite.wsgi:application"
worker_class = "gthread"
workers = 1
threads = 8
# A worker that is silent for this long has hung; downloads report while they stream.
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
    "loggers": {**LOGGING["loggers"], "gunicorn.error": {"level": "WARNING"}},
}


def post_worker_init(worker: Any) -> None:
    """Exempt everything that is loaded by now from garbage collection.

    Each full collection delayed every request by 80 ms, more than once a second with a hundred
    pages that watch a job.
    """
    from django.urls import get_resolver

    # All pages, including the admin's: an error in one must end the server now.
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
