"""Connects the receivers, as an app would do it."""

import json
import os
from typing import Any

from django.apps import AppConfig

from jobs import signals

VARIABLE = "BATCHSITE_TEST_SIGNALS"
NAMES = ("job_started", "job_cancelled", "job_finished", "job_settled", "item_failed")
KEPT = ("path", "message", "source", "settlement", "total", "succeeded", "failed", "skipped")


class ListenerConfig(AppConfig):
    name = "tests.signals.listener"

    def ready(self) -> None:
        for name in NAMES:
            getattr(signals, name).connect(_writer(name), weak=False)


def _writer(name: str) -> Any:
    def write(sender: type, **named: Any) -> None:
        line: dict[str, Any] = {
            "signal": name,
            "pid": os.getpid(),
            "job": str(named["job"].pk),
            "status": named["job"].status,
            **{key: named[key] for key in KEPT if key in named},
        }
        descriptor = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{json.dumps(line)}\n".encode())
        os.close(descriptor)
        raise RuntimeError("a failing receiver has no effect on others")

    return write
