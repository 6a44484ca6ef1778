"""Raw SQL in two processes: the least durable bookkeeping by hand, as a limit for all.

An item is claimed in the transaction that finishes the one before it, and that asks
whether the job may go on. `raw` does so for each item, `raw_50` for 50 at once (a cancel
lets up to 100 more items start then). On PostgreSQL the commits are asynchronous;
`raw_durable` waits for the disk.
"""

import os
import time
from functools import partial
from multiprocessing import get_context
from typing import Any

from django.db import connection

from tests.bench.engines import raw_sql
from tests.bench.engines.base import Engine
from tests.bench.work import PERFORM, Work

_FORK = get_context("fork")


class Raw(Engine):
    label = "raw SQL, one commit an item"
    group = 1
    durable = False

    def open(self) -> None:
        self.open_store = partial(
            raw_sql.open_store, connection.vendor, connection.settings_dict, durable=self.durable
        )
        self.store = self.open_store()
        self.store.create()
        self.running: list[Any] = []

    def close(self) -> None:
        for process in self.running:
            process.kill()
            process.join()

    def submit(self, work: Work) -> int:
        job = self.store.add(work.item_keys())
        started = [
            _FORK.Process(target=_run, args=(self.open_store, job, work.kind, self.group))
            for _ in range(self.count)
        ]
        for process in started:
            process.start()
        self.running += started
        return job

    def is_done(self, job: int) -> bool:
        return all(not process.is_alive() for process in self.running)

    def finish_times(self, job: int) -> list[float]:
        return self.store.finish_times(job)

    def cancel(self, job: int) -> None:
        self.store.cancel(job)


class Raw50(Raw):
    label = "raw SQL, groups of 50"
    group = 50


class RawDurable(Raw):
    label = "raw SQL, one commit an item, each on disk"
    slow = True
    durable = True


def _run(open_store: Any, job: int, kind: str, group: int) -> None:
    store, perform = open_store(), PERFORM[kind]
    done: list[tuple[float, int]] = []
    while True:
        claimed = store.turn(job, done, group)
        done = []
        if not claimed:
            os._exit(0)
        for item_id, key in claimed:
            perform(key)
            done.append((time.time(), item_id))


ENGINES = {"raw": Raw, "raw_50": Raw50, "raw_durable": RawDurable}
