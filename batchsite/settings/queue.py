"""django-q2: the number of workers, and the broker that notifies them.

A message is only a notification, and the database decides which worker does what. So messages
are never retried for an item, and the broker has no time limit for one.
"""

from typing import Any

from batchsite.settings import env
from batchsite.settings.base import WORKERS

REDIS_URL = env.text("REDIS_URL")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise env.BadSetting(
        "REDIS_URL",
        None,
        "is not the URL of a Redis or Valkey server",
        "Write it like redis://host:6379/0, or leave it empty to use the database as broker.",
    )

_HOUR = 60 * 60
_WEEK = 7 * 24 * _HOUR

Q_CLUSTER: dict[str, Any] = {
    "name": "batchsite",
    "workers": WORKERS,
    # More would wait in the memory of one cluster while another is idle.
    "queue_limit": WORKERS,
    "bulk": 1,
    "poll": 0.2,
    "timeout": _WEEK,
    "retry": _WEEK + _HOUR,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 100_000,
    "log_level": "WARNING",
}
if REDIS_URL:
    Q_CLUSTER |= {"broker_class": "jobs.cluster.brokers.RedisBroker", "redis": REDIS_URL}
else:
    Q_CLUSTER |= {"broker_class": "jobs.cluster.brokers.ORMBroker", "orm": "default"}
