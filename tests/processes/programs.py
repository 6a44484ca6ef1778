"""Small programs to start and stop."""

import signal
import sys

from jobs.processes.tree import ProcessTree

SLEEPER = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def program(code: str, *arguments: object, name: str = "program") -> ProcessTree:
    return ProcessTree(name, [sys.executable, "-c", code, *map(str, arguments)])


def ignores_sigterm(tree: ProcessTree) -> bool:
    with open(f"/proc/{tree.pid}/status") as stream:
        masks = dict(line.split(":", 1) for line in stream)
    return bool(int(masks["SigIgn"], 16) & 1 << (signal.SIGTERM - 1))
