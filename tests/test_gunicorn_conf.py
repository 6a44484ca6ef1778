"""How the site is served."""

import subprocess
import sys

LOOK = """
import gc
from batchsite import gunicorn_conf
gunicorn_conf.post_worker_init(None)
print(gc.get_freeze_count(), *gc.get_threshold())
"""


def test_the_collector_leaves_alone_what_a_server_has_loaded():
    # In a process of its own: it is for good.
    command = [sys.executable, "-c", LOOK]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    frozen, *thresholds = map(int, found.split())
    assert frozen > 1_000
    assert thresholds > [700, 10, 10]
