"""Runs each measurement in a process of its own, and ends all that it has left."""

import json
import subprocess
import sys
import time
import uuid
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

from jobs.processes.tree import kill_marked
from tests.bench.servers import Bench
from tests.bench.verifying.measure import measure as measure_checks

RUN = "BATCHSITE_BENCH_RUN"
"""In the environment of every process of a run."""

LONGEST_SECONDS = 900


class Harness:
    """The servers and files of one run, open until the end of a `with` block."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.folder = self.bench.folder
        self.mark = uuid.uuid4().hex

    def __enter__(self) -> "Harness":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        kill_marked(RUN, self.mark, grace_seconds=1.0)
        self.bench.close()

    def engine(self, name: str, stack: str) -> dict[str, Any]:
        """What `measure` found, or {"error": text}."""
        return self._measure(name, stack, ["tests.bench.measure", name, "2"])

    def growth(self, part: str, stack: str) -> dict[str, Any]:
        """What the module `growth.<part>` found, or {"error": text}."""
        return self._measure("batchsite", stack, ["tests.bench.growth.run", part])

    def verifying(self, kinds: list[str], older: str) -> tuple[dict[str, Any], list[str]]:
        """What `verifying.measure` found, and lines about what it left out."""
        folder = self.folder / "verifying"
        folder.mkdir()
        return measure_checks(folder, kinds, older)

    def _measure(self, engine: str, stack: str, module: list[str]) -> dict[str, Any]:
        since = time.monotonic()
        environment = self.bench.environment(engine, stack) | {RUN: self.mark}
        out = Path(environment["DATA_DIR"]) / "found.json"
        try:
            done = subprocess.run(
                [sys.executable, "-m", *module, str(out)],
                env=environment,
                capture_output=True,
                text=True,
                timeout=LONGEST_SECONDS,
                check=False,
            )
            error = done.stderr if done.returncode else ""
            found: dict[str, Any] = {"error": error} if error else json.loads(out.read_text())
        except subprocess.TimeoutExpired:
            found = {"error": f"took longer than {LONGEST_SECONDS} seconds"}
        finally:
            kill_marked(RUN, self.mark, grace_seconds=0.0)
            self.bench.drop(environment)
        seconds = time.monotonic() - since
        print(f"{stack}, {module[1]}: {_brief(found)} ({seconds:.0f} s)", flush=True)
        return found


def _brief(found: dict[str, Any]) -> str:
    if "error" in found:
        return f"FAILED\n{found['error']}"
    if "rates" in found:
        rates = {kind: f"{median(rates):,.0f}" for kind, rates in found["rates"].items()}
        return ", ".join(f"{kind} {rate}/s" for kind, rate in rates.items())
    return "done"
