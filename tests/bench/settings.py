# ruff: noqa: F403, F405 (names of the site's settings)
"""The site's settings for what it is compared with: the ORM without checks and pings.

`BENCH_TASK_PER_ITEM=1` makes django-q2 a queue of one task per item, tuned for that.
"""

import os

from batchsite.settings import *

DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Faster than what this project's engine allows itself: it commits the starts of items
    # so, but waits for the disk where it claims and finishes them.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"

if os.environ.get("BENCH_TASK_PER_ITEM"):
    Q_CLUSTER |= {"bulk": 25, "queue_limit": 100, "poll": 0.02, "scheduler": False}
    if REDIS_URL:
        Q_CLUSTER["broker_class"] = "django_q.brokers.redis_broker.Redis"
    else:
        Q_CLUSTER.pop("broker_class")

if os.environ.get("BENCH_PROCRASTINATE"):
    INSTALLED_APPS = [*INSTALLED_APPS, "procrastinate.contrib.django"]
    PROCRASTINATE_IMPORT_PATHS = ["tests.bench.engines.procrastinate"]
