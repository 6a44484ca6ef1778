"""How the site is served: `gunicorn -c python:batchsite.gunicorn_conf`.

Threads, because requests are short and wait for the database; one process, because then
SQLite has one writer less to wait for. More: `--workers`.
"""

import gc
from typing import Any

from gunicorn.glogging import Logger

from batchsite.settings.logging import LOGGING


class NoAccessLog(Logger):
    """Because of our `logconfig_dict` gunicorn would make a line of each request for nobody."""

    def access(self, *args: Any) -> None:
        cfg = self.cfg
        if cfg.accesslog or cfg.syslog or cfg.logconfig or cfg.logconfig_json:
            super().access(*args)


logger_class = NoAccessLog
wsgi_app = "batchsite.wsgi:application"
worker_class = "gthread"
workers = 1
threads = 8
# A request that answers nothing for so long has hung; downloads show life while they stream.
timeout = 120
graceful_timeout = 10
keepalive = 5
control_socket_disable = True
proc_name = "batchsite"
accesslog = None
loglevel = "warning"
logconfig_dict = {
    **LOGGING,
    "loggers": {**LOGGING["loggers"], "gunicorn.error": {"level": "WARNING"}},
}


def post_worker_init(worker: Any) -> None:
    """Keep the collector from going through all of Django again and again.

    Each of its full rounds held up every request for 80 ms, with a hundred pages that watch
    a job more than once a second. What is there by now stays for good.
    """
    from django.urls import get_resolver

    # All pages, with those of the admin: an error in one ends the server now, as it should.
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
